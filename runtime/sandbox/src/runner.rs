//! An engine, its linkers, and the ticker that enforces deadlines.

use std::sync::OnceLock;

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::allocation::{self, Allocation};
use crate::capabilities::{environment, files, http, reveal, secrets, store, wasi};
use crate::config::{self, Footprint};
use crate::deserialize::run_in_place;
use crate::grants::Capability;
use crate::limits::Limits;
use crate::load_error::LoadError;
use crate::state::State;
use crate::ticker::Ticker;

/// Everything that is set up once and shared by all calls.
pub(crate) struct Runner {
    pub(crate) engine: Engine,
    /// The same with a compiler, created when something has to be compiled. Setting the
    /// compiler up takes longer than setting up all the rest.
    compiling: OnceLock<Engine>,
    linker: Linker<State>,
    /// The same with WASI, created when a strategy first imports it: most never do.
    wasi_linker: OnceLock<Linker<State>>,
    pub(crate) ticker: Ticker,
    pub(crate) stack_bytes: usize,
    pub(crate) footprint: Footprint,
    pub(crate) is_pooled: bool,
    /// A permit for each call that there is room for; `None` if nothing bounds them.
    slots: Option<Semaphore>,
}

impl Runner {
    /// Sets up an engine for this machine and starts its ticker. The code of its
    /// strategies gets a stack of `stack_bytes`.
    ///
    /// # Errors
    ///
    /// Fails if the machine cannot run compiled WebAssembly, cannot start another
    /// thread, or has too few addresses for the pool.
    pub(crate) fn new(
        stack_bytes: usize,
        allocation: Allocation,
        footprint: Footprint,
    ) -> wasmtime::Result<Self> {
        let mut config = config::engine_config(stack_bytes, footprint);
        config.enable_compiler(false);
        run_in_place(&mut config);
        let most_calls = match (allocation, footprint) {
            (Allocation::OnDemand, Footprint::Usual) => None,
            (Allocation::OnDemand, Footprint::Small) => Some(allocation::SMALL_CALLS),
            (Allocation::Pooling, _) => {
                let pool = allocation::pool(Limits::default().table_elements);
                config.allocation_strategy(pool);
                Some(allocation::POOLED_CALLS)
            }
        };
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        for capability in Capability::ALL {
            match capability {
                Capability::Environment => environment::link::add_to_linker(&mut linker)?,
                Capability::Files => files::link::add_to_linker(&mut linker)?,
                Capability::Http => http::link::add_to_linker(&mut linker)?,
                // It is part of `http`.
                Capability::Readable => {}
                Capability::Reveal => reveal::link::add_to_linker(&mut linker)?,
            }
        }
        secrets::link::add_to_linker(&mut linker)?;
        store::link::add_to_linker(&mut linker)?;
        let ticker = Ticker::start(&engine)?;
        Ok(Self {
            engine,
            compiling: OnceLock::new(),
            linker,
            wasi_linker: OnceLock::new(),
            ticker,
            stack_bytes,
            footprint,
            is_pooled: allocation == Allocation::Pooling,
            slots: most_calls.map(|most| Semaphore::new(most as usize)),
        })
    }

    /// Waits until there is room for a call; returns `None` if there always is.
    pub(crate) async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        let slots = self.slots.as_ref()?;
        match slots.try_acquire() {
            Ok(slot) => Some(slot),
            // The semaphore is never closed, so this never fails.
            Err(_) => slots.acquire().await.ok(),
        }
    }

    /// Returns an engine that compiles code for this one.
    ///
    /// # Errors
    ///
    /// Fails if this machine has no compiler.
    pub(crate) fn compiling(&self) -> wasmtime::Result<&Engine> {
        if let Some(engine) = self.compiling.get() {
            return Ok(engine);
        }
        let engine = Engine::new(&config::engine_config(self.stack_bytes, self.footprint))?;
        Ok(self.compiling.get_or_init(|| engine))
    }

    /// Returns the linker for strategies, with WASI if `uses_wasi`.
    pub(crate) fn linker(&self, uses_wasi: bool) -> Result<&Linker<State>, LoadError> {
        if !uses_wasi {
            return Ok(&self.linker);
        }
        if let Some(linker) = self.wasi_linker.get() {
            return Ok(linker);
        }
        let mut linker = self.linker.clone();
        wasi::link::add_to_linker(&mut linker)
            .map_err(|reason| LoadError::Invalid(format!("{reason:#}")))?;
        Ok(self.wasi_linker.get_or_init(|| linker))
    }
}
