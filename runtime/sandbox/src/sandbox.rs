//! The sandbox that strategies are loaded into.

use std::sync::{Arc, OnceLock};

use crate::allocation::Allocation;
use crate::runner::Runner;

/// The error of a sandbox that could not be set up on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox could not be set up: {0}")]
pub struct NoSandbox(pub(crate) String);

/// A sandbox that strategies are loaded into. Cloning it is cheap: clones share everything.
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
    /// For strategies that do not fit into the pool; created when the first is loaded.
    outside: Arc<OnceLock<Arc<Runner>>>,
}

impl Sandbox {
    /// Sets up an engine for this machine and starts the thread that enforces deadlines.
    /// The code of its strategies gets a stack of `stack_bytes`, which wasmtime fixes per
    /// engine.
    ///
    /// # Errors
    ///
    /// Fails with [`NoSandbox`] if the machine cannot run compiled WebAssembly or cannot
    /// start a thread.
    pub fn new(stack_bytes: usize, allocation: Allocation) -> Result<Self, NoSandbox> {
        let runner = Runner::new(stack_bytes, allocation).or_else(|reason| match allocation {
            Allocation::OnDemand => Err(reason),
            // A pool reserves terabytes of addresses, which not every machine has.
            Allocation::Pooling => {
                tracing::info!(%reason, "cannot set up the instance pool; allocating on demand");
                Runner::new(stack_bytes, Allocation::OnDemand)
            }
        });
        let runner = runner.map_err(|reason| NoSandbox(format!("{reason:#}")))?;
        Ok(Self { runner: Arc::new(runner), outside: Arc::default() })
    }

    /// Returns the runner without a pool, which every component fits into.
    pub(crate) fn outside(&self) -> wasmtime::Result<&Arc<Runner>> {
        if let Some(runner) = self.outside.get() {
            return Ok(runner);
        }
        let runner = Runner::new(self.runner.stack_bytes, Allocation::OnDemand)?;
        Ok(self.outside.get_or_init(|| Arc::new(runner)))
    }
}
