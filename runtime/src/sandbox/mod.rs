//! The sandbox: all that touches wasmtime.
//!
//! A strategy is somebody else's code, run beside every secret of the process.
//! It gets an address space of its own, the one interface that the contract
//! imports, and limits on everything that it could use up. Each call gets a
//! fresh instance in a fresh store, so nothing of one resolution is left for
//! the next, and whatever goes wrong ends with that store.
//!
//! This module knows the contract and nothing of profiles or providers.

mod bindings;
mod call;
mod config;
mod deserialize;
mod grants;
mod host;
mod limits;
mod load;
mod state;
#[cfg(test)]
mod tests;
mod ticker;

use wasmtime::Engine;
use wasmtime::component::Linker;

pub(crate) use bindings::orchestration::auth::types::{Profile, Request};
pub(crate) use call::Call;
pub(crate) use grants::Grants;
pub use limits::Limit;
pub(crate) use limits::Limits;
pub use load::LoadError;
pub(crate) use load::{BuiltIn, Strategy};

use state::State;
use ticker::Ticker;

/// An engine, what it links to strategies, and the ticker that keeps their time.
pub(crate) struct Sandbox {
    engine: Engine,
    linker: Linker<State>,
    ticker: Ticker,
}

impl Sandbox {
    /// Sets up an engine for this machine and starts its ticker.
    ///
    /// # Errors
    ///
    /// Fails where the machine cannot run compiled WebAssembly at all, or has
    /// no thread to spare.
    pub(crate) fn new() -> wasmtime::Result<Self> {
        let engine = Engine::new(&config::engine_config())?;
        let mut linker = Linker::new(&engine);
        host::environment::add_to_linker(&mut linker)?;
        let ticker = Ticker::start(&engine)?;
        Ok(Self { engine, linker, ticker })
    }
}
