//! The sandbox that strategies are loaded into.

use std::io;
use std::sync::{Arc, OnceLock};

use orchestration_support::{SystemLimit, redact};

use crate::allocation::Allocation;
use crate::config::Footprint;
use crate::failure::system_limit;
use crate::runner::Runner;

/// The error of a sandbox that could not be set up on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox could not be set up: {reason}")]
pub struct NoSandbox {
    /// What the system or the engine says.
    pub reason: String,
    /// The limit of the system that is too low, if that is why.
    pub limit: Option<SystemLimit>,
}

impl NoSandbox {
    fn of(error: &wasmtime::Error) -> Self {
        match system_limit(error) {
            Some(limit) => limit.into(),
            None => Self { reason: redact::sanitize(&format!("{error:#}"), []), limit: None },
        }
    }
}

impl From<SystemLimit> for NoSandbox {
    fn from(limit: SystemLimit) -> Self {
        Self { reason: format!("{limit} is too low"), limit: Some(limit) }
    }
}

/// For a runtime that could not be set up for the sandbox.
impl From<io::Error> for NoSandbox {
    fn from(error: io::Error) -> Self {
        match SystemLimit::behind(&error) {
            Some(limit) => limit.into(),
            None => Self { reason: error.to_string(), limit: None },
        }
    }
}

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
        let on_demand = |footprint| Runner::new(stack_bytes, Allocation::OnDemand, footprint);
        let runner = match (allocation, Footprint::of_this_process()) {
            (Allocation::OnDemand, footprint) | (_, footprint @ Footprint::Small) => {
                on_demand(footprint)
            }
            // A pool reserves terabytes of addresses, which not every machine has.
            (Allocation::Pooling, footprint @ Footprint::Usual) => Runner::new(
                stack_bytes,
                allocation,
                footprint,
            )
            .or_else(|reason| {
                tracing::info!(%reason, "cannot set up the instance pool; allocating on demand");
                on_demand(footprint)
            }),
        };
        let runner = runner.map_err(|reason| NoSandbox::of(&reason))?;
        Ok(Self { runner: Arc::new(runner), outside: Arc::default() })
    }

    /// Returns the runner without a pool, which every component fits into.
    pub(crate) fn outside(&self) -> wasmtime::Result<&Arc<Runner>> {
        if let Some(runner) = self.outside.get() {
            return Ok(runner);
        }
        // With the same footprint, so that both engines accept the same code.
        let Runner { stack_bytes, footprint, .. } = *self.runner;
        let runner = Runner::new(stack_bytes, Allocation::OnDemand, footprint)?;
        Ok(self.outside.get_or_init(|| Arc::new(runner)))
    }
}
