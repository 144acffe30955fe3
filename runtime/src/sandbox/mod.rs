//! The sandbox: all that touches wasmtime.
//!
//! A strategy is somebody else's code, run beside every secret of the process.
//! It gets an address space of its own, the one interface that the contract
//! imports, and limits on everything that it could use up. Each call gets a
//! fresh instance in a fresh store, so nothing of one resolution is left for
//! the next, and whatever goes wrong ends with that store.
//!
//! This module knows the contract and nothing of profiles or providers.

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
mod outline;
mod state;
#[cfg(test)]
mod tests;
mod ticker;

use std::sync::OnceLock;

use wasmtime::Engine;
use wasmtime::component::Linker;

pub(crate) use audit::Subject;
pub use audit::TARGET as AUDIT_TARGET;
pub(crate) use bindings::orchestration::auth::types::{Profile, Request};
pub use cache::{Cache, CacheInfo};
pub(crate) use call::Call;
pub use call::Description;
pub(crate) use grants::Grants;
pub use limits::{Limit, Limits};
pub use load::LoadError;
pub(crate) use load::{BuiltIn, Strategy, read, sha256};
pub use outline::Outline;

use state::State;
use ticker::Ticker;

/// An engine, what it links to strategies, and the ticker that keeps their time.
pub(crate) struct Sandbox {
    engine: Engine,
    linker: Linker<State>,
    /// The same and WASI, made when a strategy first imports it: most never do.
    wasi_linker: OnceLock<Linker<State>>,
    ticker: Ticker,
    stack_bytes: usize,
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
    pub(crate) fn new(stack_bytes: usize) -> wasmtime::Result<Self> {
        let engine = Engine::new(&config::engine_config(stack_bytes))?;
        let mut linker = Linker::new(&engine);
        host::environment::add_to_linker(&mut linker)?;
        let ticker = Ticker::start(&engine)?;
        Ok(Self { engine, linker, wasi_linker: OnceLock::new(), ticker, stack_bytes })
    }

    fn wasi_linker(&self) -> Result<&Linker<State>, LoadError> {
        if let Some(linker) = self.wasi_linker.get() {
            return Ok(linker);
        }
        let mut linker = self.linker.clone();
        host::wasi::add_to_linker(&mut linker)
            .map_err(|reason| LoadError::Invalid(format!("{reason:#}")))?;
        Ok(self.wasi_linker.get_or_init(|| linker))
    }
}
