//! From bytes to a strategy that can be called.

use std::sync::{Arc, mpsc};
use std::thread;

use tokio::sync::oneshot;
use wasmtime::component::Component;

use crate::built_in::BuiltIn;
use crate::cache::{Cache, Entry};
use crate::component_file::{ComponentBytes, ComponentFile, digest, read};
use crate::deserialize::{FreshCode, OwnCode, deserialize};
use crate::limits::{Limit, Limits};
use crate::link::{Strategy, link, not_a_strategy};
use crate::load_error::LoadError;
use crate::nesting;
use crate::runner::Runner;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// Maps a strategy that is part of this executable.
    ///
    /// The embedded code fits every machine of the target, but wasmtime has the
    /// last word. If it refuses, the component, which fits any machine, is compiled
    /// instead: slower by some milliseconds, and right.
    ///
    /// # Errors
    ///
    /// Fails with [`LoadError::Invalid`] if neither can be used.
    pub fn load_built_in(&self, built_in: BuiltIn) -> Result<Strategy, LoadError> {
        let engine = &self.runner.engine;
        let component = match deserialize(engine, OwnCode::embedded(built_in.compiled)) {
            Ok(component) => component,
            Err(reason) => {
                tracing::info!(
                    strategy = built_in.auth_type,
                    %reason,
                    "the embedded code does not fit this machine; compiling the strategy"
                );
                Component::new(engine, built_in.component).map_err(not_a_strategy)?
            }
        };
        link(&self.runner, &component)
    }

    /// Reads the component at `file`, checks that it is what it must be, and
    /// compiles it or takes the code from `cache`. All of this happens on a thread
    /// of its own: none of it can be interrupted, and some takes long.
    ///
    /// # Errors
    ///
    /// Fails with the [`LoadError`] that says why the component cannot be used.
    pub async fn load_file(
        &self,
        file: &ComponentFile,
        limits: &Limits,
        cache: Option<&Cache>,
    ) -> Result<Strategy, LoadError> {
        let (sandbox, file, cache) = (self.clone(), file.clone(), cache.cloned());
        let (within, max_bytes) = (limits.compile, limits.component_bytes);
        let (loaded, answer) = oneshot::channel();
        let work = move || sandbox.load(&file, max_bytes, cache.as_ref());
        // Code that compiles can't be stopped, so one thread waits for another:
        // the answer comes in time, and the work ends when it ends.
        spawn("strategy-loader", move || {
            let (done, result) = mpsc::sync_channel(1);
            let started = spawn("strategy-compiler", move || drop(done.send(work())));
            let result = started.and_then(|()| match result.recv_timeout(within) {
                Ok(result) => result,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    Err(LoadError::Limit(Limit::Compile(within)))
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    Err(LoadError::Thread("the compiler failed".into()))
                }
            });
            drop(loaded.send(result));
        })?;
        answer.await.map_err(|_| LoadError::Thread("the loader failed".into()))?
    }

    /// The file must be what the user looked at, also where its code is in the
    /// cache. Both are looked through at once: of an interpreter that takes most of
    /// the time there is.
    fn load(
        &self,
        file: &ComponentFile,
        max_bytes: usize,
        cache: Option<&Cache>,
    ) -> Result<Strategy, LoadError> {
        let entry = cache.map(|cache| cache.entry(&self.runner.engine, &file.sha256));
        let (found, code) = thread::scope(|scope| {
            let digest = thread::Builder::new()
                .spawn_scoped(scope, || digest(&file.path, max_bytes))
                .map_err(|error| LoadError::Thread(error.to_string()))?;
            let code = entry.as_ref().and_then(Entry::load);
            let found = digest.join();
            Ok((found.map_err(|_| LoadError::Thread("the reader failed".into()))??, code))
        })?;
        file.expect(found)?;
        if let Some(code) = code {
            match self.place(OwnCode::cached(&code)) {
                Ok((runner, component)) => {
                    tracing::debug!("took the compiled code from the cache");
                    return link(runner, &component);
                }
                Err(reason) => {
                    tracing::info!(%reason, "the cached code does not fit; compiling anew");
                }
            }
        }
        let component = read(&file.path, max_bytes)?;
        // It may be another by now.
        file.expect(component.sha256.clone())?;
        self.compile(&component, entry.as_ref())
    }

    fn compile(
        &self,
        component: &ComponentBytes,
        entry: Option<&Entry<'_>>,
    ) -> Result<Strategy, LoadError> {
        component.interface()?.check()?;
        nesting::check(&component.bytes)?;
        let engine = &self.runner.engine;
        let code = FreshCode::compile(engine, &component.bytes).map_err(not_a_strategy)?;
        tracing::debug!("compiled the component");
        let (runner, component) = self.place(OwnCode::fresh(&code)).map_err(not_a_strategy)?;
        if let Some(entry) = entry {
            entry.store(code.bytes());
        }
        link(runner, &component)
    }

    /// Puts code into the pool, and outside of it where the pool has no room for
    /// what the component is made of. The engines of both take the same code.
    fn place(&self, code: OwnCode<'_>) -> wasmtime::Result<(&Arc<Runner>, Component)> {
        let in_pool = deserialize(&self.runner.engine, code.clone());
        if in_pool.is_ok() || !self.runner.is_pooled() {
            return in_pool.map(|component| (&self.runner, component));
        }
        let runner = self.outside()?;
        let component = deserialize(&runner.engine, code)?;
        tracing::debug!("the strategy has no room in the pool");
        Ok((runner, component))
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), LoadError> {
    // Tracing's subscriber of this thread is not the new one's.
    let subscriber = tracing::dispatcher::get_default(Clone::clone);
    thread::Builder::new()
        .name(name.into())
        .stack_size(COMPILER_STACK_BYTES)
        .spawn(move || tracing::dispatcher::with_default(&subscriber, work))
        .map(drop)
        .map_err(|error| LoadError::Thread(error.to_string()))
}

/// The compiler goes as deep as the component is nested.
const COMPILER_STACK_BYTES: usize = 8 << 20;
