//! The sandbox: all that touches wasmtime.
//!
//! A strategy is somebody else's code, run beside every secret of the process.
//! It gets an address space of its own, the one interface that the contract
//! imports, and limits on everything that it could use up. Each call gets a
//! fresh instance in a fresh store, so nothing of one resolution is left for
//! the next, and whatever goes wrong ends with that store.
//!
//! This module knows the contract and nothing of profiles or providers.

mod allocation;
mod audit;
mod bindings;
mod cache;
mod call;
mod config;
mod deserialize;
mod grants;
mod host;
mod limits;
mod load;
mod nesting;
mod observation;
mod outline;
mod runner;
mod state;
#[cfg(test)]
mod tests;
mod ticker;

use std::sync::{Arc, OnceLock};

pub use allocation::Allocation;
pub(crate) use audit::Subject;
pub use audit::TARGET as AUDIT_TARGET;
pub(crate) use bindings::orchestration::auth::types::{Profile, Request};
pub use cache::{Cache, CacheInfo};
pub(crate) use call::Call;
pub use call::Description;
pub(crate) use grants::Grants;
pub use limits::{Limit, Limits};
pub use load::LoadError;
pub(crate) use load::{BuiltIn, Strategy, read};
pub(crate) use observation::{Observation, Observer};
pub use outline::{Outline, VERSION as CONTRACT_VERSION};

use runner::Runner;
use state::State;

/// What strategies are loaded into. Cheap to clone: the copies share everything.
#[derive(Clone)]
pub(crate) struct Sandbox {
    runner: Arc<Runner>,
    /// For what does not fit into a pool; made when there is such a strategy.
    outside: Arc<OnceLock<Arc<Runner>>>,
}

impl Sandbox {
    /// Sets up an engine for this machine and starts its ticker. The code of
    /// its strategies has a stack of `stack_bytes`, which wasmtime wants to know
    /// of the whole engine.
    ///
    /// # Errors
    ///
    /// Fails where the machine cannot run compiled WebAssembly at all, or has
    /// no thread to spare.
    pub(crate) fn new(stack_bytes: usize, allocation: Allocation) -> wasmtime::Result<Self> {
        let runner = Runner::new(stack_bytes, allocation).or_else(|reason| match allocation {
            Allocation::OnDemand => Err(reason),
            // A pool takes terabytes of addresses, which not every machine has.
            Allocation::Pooling => {
                tracing::info!(%reason, "there is no pool here; allocating on demand");
                Runner::new(stack_bytes, Allocation::OnDemand)
            }
        });
        Ok(Self { runner: Arc::new(runner?), outside: Arc::default() })
    }

    /// A runner without a pool, which takes every component.
    fn outside(&self) -> wasmtime::Result<&Arc<Runner>> {
        if let Some(runner) = self.outside.get() {
            return Ok(runner);
        }
        let runner = Runner::new(self.runner.stack_bytes, Allocation::OnDemand)?;
        Ok(self.outside.get_or_init(|| Arc::new(runner)))
    }
}
