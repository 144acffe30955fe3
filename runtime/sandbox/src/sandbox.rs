//! What strategies are loaded into.

use std::sync::{Arc, OnceLock};

use crate::allocation::Allocation;
use crate::runner::Runner;

/// The sandbox could not be set up on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox could not be set up: {0}")]
pub struct NoSandbox(pub(crate) String);

/// What strategies are loaded into. Cheap to clone: the copies share everything.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use orchestration_sandbox::{Allocation, BUILT_IN, Limits, Sandbox};
///
/// let sandbox = Sandbox::new(Limits::default().stack_bytes, Allocation::OnDemand)?;
/// for built_in in BUILT_IN {
///     sandbox.load_built_in(built_in)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) runner: Arc<Runner>,
    /// For what does not fit into a pool; made when there is such a strategy.
    outside: Arc<OnceLock<Arc<Runner>>>,
}

impl Sandbox {
    /// Sets up an engine for this machine and starts its ticker. The code of its
    /// strategies gets a stack of `stack_bytes`, which wasmtime fixes per engine.
    ///
    /// # Errors
    ///
    /// Fails if the machine cannot run compiled WebAssembly at all, or cannot
    /// start a thread.
    pub fn new(stack_bytes: usize, allocation: Allocation) -> Result<Self, NoSandbox> {
        let runner = Runner::new(stack_bytes, allocation).or_else(|reason| match allocation {
            Allocation::OnDemand => Err(reason),
            // A pool takes terabytes of addresses, which not every machine has.
            Allocation::Pooling => {
                tracing::info!(%reason, "there is no pool here; allocating on demand");
                Runner::new(stack_bytes, Allocation::OnDemand)
            }
        });
        let runner = runner.map_err(|reason| NoSandbox(format!("{reason:#}")))?;
        Ok(Self { runner: Arc::new(runner), outside: Arc::default() })
    }

    /// A runner without a pool, which takes every component.
    pub(crate) fn outside(&self) -> wasmtime::Result<&Arc<Runner>> {
        if let Some(runner) = self.outside.get() {
            return Ok(runner);
        }
        let runner = Runner::new(self.runner.stack_bytes, Allocation::OnDemand)?;
        Ok(self.outside.get_or_init(|| Arc::new(runner)))
    }
}
