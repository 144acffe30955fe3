//! Loads strategies: from bytes to something that can be called.

use std::sync::{Arc, mpsc};
use std::thread;

use tokio::sync::oneshot;
use wasmtime::component::Component;

use crate::built_in::BuiltIn;
use crate::cache::{Cache, Entry};
use crate::compiler::Compiler;
use crate::component_file::{ComponentBytes, ComponentFile, digest, read};
use crate::deserialize::{FreshCode, OwnCode, deserialize};
use crate::limits::{Limit, Limits};
use crate::link::{Strategy, link, not_a_strategy};
use crate::load_error::LoadError;
use crate::nesting;
use crate::runner::Runner;
use crate::sandbox::Sandbox;

/// How a component is loaded.
#[derive(Debug, Clone, Default)]
pub struct Loader {
    /// The limits on its size, and on the time and memory to compile it.
    pub limits: Limits,
    /// Where its compiled code is kept, if anywhere.
    pub cache: Option<Cache>,
    /// What compiles it. Without one it is compiled in this process, whose memory a
    /// stranger's component can then fill.
    pub compiler: Option<Compiler>,
}

impl Sandbox {
    /// Loads a strategy that is part of this executable.
    ///
    /// Its embedded code should run on every machine of the target. If wasmtime rejects
    /// it nevertheless, the component is compiled instead, which takes some
    /// milliseconds longer.
    ///
    /// # Errors
    ///
    /// Fails with [`LoadError::Invalid`] if neither can be used.
    pub fn load_built_in(&self, built_in: BuiltIn) -> Result<Strategy, LoadError> {
        let engine = &self.runner.engine;
        let component = match deserialize(
            engine,
            OwnCode::embedded(built_in.compiled(self.runner.footprint)),
        ) {
            Ok(component) => component,
            Err(reason) => {
                tracing::info!(
                    strategy = built_in.auth_type,
                    %reason,
                    "the embedded code does not fit this machine; compiling the strategy"
                );
                self.runner
                    .compiling()
                    .and_then(|compiling| FreshCode::compile(compiling, built_in.component))
                    .and_then(|code| deserialize(engine, OwnCode::fresh(&code)))
                    .map_err(not_a_strategy)?
            }
        };
        Ok(Strategy { is_built_in: true, ..link(&self.runner, &component)? })
    }

    /// Loads a strategy from a component file: checks its digest, and compiles it or
    /// takes the compiled code from the cache. This happens on a separate thread, because
    /// it cannot be interrupted and may take long.
    ///
    /// # Errors
    ///
    /// - [`LoadError::Read`] if the file cannot be read, [`LoadError::Digest`] if it is
    ///   not the expected one.
    /// - [`LoadError::Limit`] if it is too large or takes too long to compile.
    /// - [`LoadError::NotWasm`], [`LoadError::CoreModule`], [`LoadError::OtherVersion`],
    ///   [`LoadError::Import`], [`LoadError::NoStrategy`], [`LoadError::TooManyParts`]
    ///   or [`LoadError::Invalid`] if it is not a strategy that this host can run.
    /// - [`LoadError::Thread`] if the thread cannot be started or fails, and
    ///   [`LoadError::System`] if a limit of the system is why.
    pub async fn load_file(
        &self,
        file: &ComponentFile,
        how: Loader,
    ) -> Result<Strategy, LoadError> {
        let (sandbox, file) = (self.clone(), file.clone());
        let within = how.limits.compile;
        let (loaded, answer) = oneshot::channel();
        let work = move || sandbox.load(&file, &how);
        // A compiler in this process cannot be stopped, so one thread waits for another:
        // the caller gets its answer in time, and the compiler finishes whenever it does.
        spawn("strategy-loader", move || {
            let (done, result) = mpsc::sync_channel(1);
            let started = spawn("strategy-compiler", move || drop(done.send(work())));
            let result = started.and_then(|()| match result.recv_timeout(within) {
                Ok(result) => result,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    Err(LoadError::Limit(Limit::Compile(within)))
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => Err(failed("compiler")),
            });
            drop(loaded.send(result));
        })?;
        answer.await.map_err(|_| failed("loader"))?
    }

    /// Loads the file on this thread. Its digest is checked even if its code is in the
    /// cache. Both files are read at the same time, because for an interpreter reading
    /// takes most of the time.
    fn load(&self, file: &ComponentFile, how: &Loader) -> Result<Strategy, LoadError> {
        let max_bytes = how.limits.component_bytes;
        let compiling = self.runner.compiling().map_err(not_a_strategy)?;
        let entry = how.cache.as_ref().map(|cache| cache.entry(compiling, &file.sha256));
        let (found, code) = thread::scope(|scope| {
            let digest = thread::Builder::new()
                .spawn_scoped(scope, || digest(&file.path, max_bytes))
                .map_err(|error| LoadError::of_thread(&error))?;
            let code = entry.as_ref().and_then(Entry::load);
            let found = digest.join();
            Ok((found.map_err(|_| failed("reader"))??, code))
        })?;
        file.expect(found)?;
        if let Some(code) = code {
            match self.map(OwnCode::cached(&code)) {
                Ok((runner, component)) => {
                    tracing::debug!("took the compiled code from the cache");
                    return link(runner, &component);
                }
                Err(reason) => {
                    tracing::info!(%reason, "the cached code does not fit; compiling again");
                }
            }
        }
        let component = read(&file.path, max_bytes)?;
        // The file may have been replaced since its digest was taken.
        file.expect(component.sha256.clone())?;
        self.compile(&component, how, entry.as_ref())
    }

    fn compile(
        &self,
        component: &ComponentBytes,
        how: &Loader,
        entry: Option<&Entry<'_>>,
    ) -> Result<Strategy, LoadError> {
        component.interface()?.check()?;
        nesting::check(&component.bytes)?;
        let code = match &how.compiler {
            Some(compiler) => {
                let stack_bytes = self.runner.stack_bytes;
                FreshCode::by_compiler(compiler, &component.bytes, &how.limits, stack_bytes)?
            }
            None => {
                let compiling = self.runner.compiling().map_err(not_a_strategy)?;
                FreshCode::compile(compiling, &component.bytes).map_err(not_a_strategy)?
            }
        };
        tracing::debug!("compiled the component");
        let (runner, component) = self.map(OwnCode::fresh(&code)).map_err(not_a_strategy)?;
        let is_newly_cached = entry.is_some_and(|entry| entry.store(code.bytes()));
        Ok(Strategy { is_newly_cached, ..link(runner, &component)? })
    }

    /// Maps code into the engine with the pool, or into the one without if the component
    /// does not fit into the pool. Both engines accept the same code.
    fn map(&self, code: OwnCode<'_>) -> wasmtime::Result<(&Arc<Runner>, Component)> {
        let in_pool = deserialize(&self.runner.engine, code.clone());
        if in_pool.is_ok() || !self.runner.is_pooled {
            return in_pool.map(|component| (&self.runner, component));
        }
        let runner = self.outside()?;
        let component = deserialize(&runner.engine, code)?;
        tracing::debug!("the strategy does not fit into the pool");
        Ok((runner, component))
    }
}

/// The error of a thread that ended without an answer.
fn failed(thread: &str) -> LoadError {
    LoadError::Thread(format!("the {thread} failed"))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), LoadError> {
    // A new thread does not inherit the subscriber of this one.
    let subscriber = tracing::dispatcher::get_default(Clone::clone);
    thread::Builder::new()
        .name(name.into())
        .stack_size(COMPILER_STACK_BYTES)
        .spawn(move || tracing::dispatcher::with_default(&subscriber, work))
        .map(drop)
        .map_err(|error| LoadError::of_thread(&error))
}

/// The stack of a thread that compiles: the compiler recurses as deep as the component
/// is nested.
const COMPILER_STACK_BYTES: usize = 8 << 20;
