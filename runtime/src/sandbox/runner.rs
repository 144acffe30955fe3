//! An engine, what it links to strategies, and the ticker that keeps their time.

use std::sync::OnceLock;

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Engine;
use wasmtime::component::Linker;

use super::allocation::{self, Allocation};
use super::limits::Limits;
use super::state::State;
use super::ticker::Ticker;
use super::{LoadError, config, host};

/// What runs strategies: all that is set up once and shared by every call.
pub(super) struct Runner {
    pub(super) engine: Engine,
    linker: Linker<State>,
    /// The same and WASI, made when a strategy first imports it: most never do.
    wasi_linker: OnceLock<Linker<State>>,
    pub(super) ticker: Ticker,
    pub(super) stack_bytes: usize,
    /// As many as the pool has room for; none where there is no pool.
    places: Option<Semaphore>,
}

impl Runner {
    /// Sets up an engine for this machine and starts its ticker. The code of
    /// its strategies has a stack of `stack_bytes`.
    ///
    /// # Errors
    ///
    /// Fails where the machine can't run compiled WebAssembly at all, has no
    /// thread to spare, or no addresses for the pool.
    pub(super) fn new(stack_bytes: usize, allocation: Allocation) -> wasmtime::Result<Self> {
        let mut config = config::engine_config(stack_bytes);
        let places = match allocation {
            Allocation::OnDemand => None,
            Allocation::Pooling => {
                let pool = allocation::pool(Limits::default().table_elements);
                config.allocation_strategy(pool);
                Some(Semaphore::new(allocation::POOLED_CALLS as usize))
            }
        };
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        host::environment::add_to_linker(&mut linker)?;
        let ticker = Ticker::start(&engine)?;
        Ok(Self { engine, linker, wasi_linker: OnceLock::new(), ticker, stack_bytes, places })
    }

    pub(super) fn is_pooled(&self) -> bool {
        self.places.is_some()
    }

    /// A place in the pool, waited for where all are taken; none where there is
    /// no pool.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        match &self.places {
            // It is never closed.
            Some(places) => places.acquire().await.ok(),
            None => None,
        }
    }

    /// What a strategy is linked to.
    pub(super) fn linker(&self, uses_wasi: bool) -> Result<&Linker<State>, LoadError> {
        if !uses_wasi {
            return Ok(&self.linker);
        }
        if let Some(linker) = self.wasi_linker.get() {
            return Ok(linker);
        }
        let mut linker = self.linker.clone();
        host::wasi::add_to_linker(&mut linker)
            .map_err(|reason| LoadError::Invalid(format!("{reason:#}")))?;
        Ok(self.wasi_linker.get_or_init(|| linker))
    }
}
