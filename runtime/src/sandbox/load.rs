//! From bytes to a strategy that can be called.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use tokio::sync::oneshot;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use super::bindings::AuthStrategyPre;
use super::cache::{Cache, Entry};
use super::deserialize::{FreshCode, OwnCode, deserialize};
use super::outline::Outline;
use super::runner::Runner;
use super::{Limit, Limits, Sandbox, State, nesting, outline};
use crate::digest::{hex, sha256, sha256_of};
use crate::{ComponentFile, text};

/// A strategy that is part of this executable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltIn {
    /// The auth type that it serves.
    pub(crate) auth_type: &'static str,
    /// The component, as committed in `strategies/prebuilt/`.
    pub(crate) component: &'static [u8],
    /// Its SHA-256 in lower-case hexadecimal, taken by the build script.
    pub(crate) sha256: &'static str,
    /// The same, compiled for the target by the build script.
    pub(crate) compiled: &'static [u8],
}

/// A strategy, compiled and linked. Every call makes an instance of it.
#[derive(Clone)]
pub(crate) struct Strategy {
    pub(super) runner: Arc<Runner>,
    pub(super) component: InstancePre<State>,
    pub(super) exports: Exports,
    pub(super) uses_wasi: bool,
}

/// The functions that are called again and again.
#[derive(Clone)]
pub(super) struct Exports {
    pub(super) get_credentials: Export,
    pub(super) refresh_if_needed: Export,
    pub(super) is_valid: Export,
}

/// One function of a component, and where it is found in each of its instances.
#[derive(Clone)]
pub(super) struct Export {
    pub(super) name: &'static str,
    pub(super) index: ComponentExportIndex,
}

/// The bytes of a component file, with what identifies them.
pub(crate) struct ComponentBytes {
    bytes: Vec<u8>,
    /// SHA-256 in lower-case hexadecimal.
    pub(crate) sha256: String,
}

/// Why a component cannot be used as a strategy.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoadError {
    /// The file can't be read.
    #[error("its component {} can't be read: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        reason: String,
    },
    /// The file is not the one that the user looked at.
    #[error("its component {} is not the one that providers.toml names: it has sha256 {found}, not {expected}", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// The SHA-256 that providers.toml names.
        expected: String,
        /// The SHA-256 of the file.
        found: String,
    },
    /// The file holds something else.
    #[error("its component is not WebAssembly")]
    NotWasm,
    /// The file holds a module, as compilers make it before it is a component.
    #[error("it is a core module, not a component")]
    CoreModule,
    /// The component was made for another version of the contract.
    #[error("component is made for orchestration:auth@{0}, and this orchestration speaks 0.1.0")]
    OtherVersion(String),
    /// The component imports what is not for strategies.
    #[error("component imports {0}, which no strategy may have")]
    Import(String),
    /// The component is not a strategy.
    #[error("component exports no orchestration:auth/strategy@0.1.0")]
    NoStrategy,
    /// The component is small as a file and without bounds as a program.
    #[error("component unfolds into more parts than a strategy may be made of")]
    Unfolds,
    /// The component is damaged, or does not fit the contract.
    #[error("component is not valid: {0}")]
    Invalid(String),
    /// The component is too large, or takes too long to compile.
    #[error("{0}")]
    Limit(Limit),
    /// The thread that was to load it could not be had, or did not come back.
    #[error("it could not be compiled: {0}")]
    Thread(String),
}

impl LoadError {
    /// What to do now, where something can be said.
    pub(crate) fn hint(&self, strategy: &str) -> Option<String> {
        match self {
            Self::Digest { path, .. } => Some(format!(
                "if you trust what is there now: orchestration strategy add {} --auth-type {strategy}",
                path.display()
            )),
            Self::CoreModule => Some("make it a component with: wasm-tools component new".into()),
            Self::Limit(limit) => Some(limit.hint(strategy)),
            Self::Read { .. }
            | Self::NotWasm
            | Self::OtherVersion(_)
            | Self::Import(_)
            | Self::NoStrategy
            | Self::Unfolds
            | Self::Invalid(_)
            | Self::Thread(_) => None,
        }
    }
}

impl Sandbox {
    /// Maps a strategy that is part of this executable.
    ///
    /// The embedded code fits every machine of the target, but wasmtime has the
    /// last word on that. Where it says no, the component, which fits any
    /// machine, is compiled instead: slower by some milliseconds, and right.
    pub(crate) fn load_built_in(&self, built_in: BuiltIn) -> Result<Strategy, LoadError> {
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
    /// compiles it or takes the code from `cache`. All of this happens on a
    /// thread of its own: none of it can be interrupted, and some takes long.
    pub(crate) async fn load_file(
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
        same(file, found)?;
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
        same(file, component.sha256.clone())?;
        self.compile(&component, entry.as_ref())
    }

    fn compile(
        &self,
        component: &ComponentBytes,
        entry: Option<&Entry<'_>>,
    ) -> Result<Strategy, LoadError> {
        component.outline()?.check()?;
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

/// Fails unless the file has the digest that providers.toml names.
fn same(file: &ComponentFile, found: String) -> Result<(), LoadError> {
    let ComponentFile { path, sha256: expected } = file;
    if found == *expected {
        return Ok(());
    }
    Err(LoadError::Digest { path: path.clone(), expected: expected.clone(), found })
}

fn link(runner: &Arc<Runner>, component: &Component) -> Result<Strategy, LoadError> {
    let kind = component.component_type();
    let uses_wasi = kind.imports(&runner.engine).any(|(name, _)| outline::is_wasi(name));
    let linked = runner.linker(uses_wasi)?.instantiate_pre(component).map_err(not_a_strategy)?;
    // Says what is missing, in better words than a lookup that finds nothing.
    let complete = AuthStrategyPre::new(linked).map_err(not_a_strategy)?;
    let export = |name| export(component, name).ok_or(LoadError::NoStrategy);
    let exports = Exports {
        get_credentials: export("get-credentials")?,
        refresh_if_needed: export("refresh-if-needed")?,
        is_valid: export("is-valid")?,
    };
    let component = complete.instance_pre().clone();
    Ok(Strategy { runner: Arc::clone(runner), component, exports, uses_wasi })
}

fn export(component: &Component, name: &'static str) -> Option<Export> {
    let strategy = component.get_export_index(None, outline::STRATEGY)?;
    let index = component.get_export_index(Some(&strategy), name)?;
    Some(Export { name, index })
}

/// Reads a component file of at most `max_bytes`.
pub(crate) fn read(path: &Path, max_bytes: usize) -> Result<ComponentBytes, LoadError> {
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    let read = file.by_ref().take(max_bytes as u64).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    ended(path, &mut file, max_bytes)?;
    let sha256 = sha256(&bytes);
    Ok(ComponentBytes { bytes, sha256 })
}

/// The SHA-256 of a component file of at most `max_bytes`, in lower-case
/// hexadecimal.
fn digest(path: &Path, max_bytes: usize) -> Result<String, LoadError> {
    let mut file = open(path)?;
    let digest = sha256_of(&mut file.by_ref().take(max_bytes as u64));
    let digest = digest.map_err(|error| unreadable(path, &error))?;
    ended(path, &mut file, max_bytes)?;
    Ok(hex(&digest))
}

fn open(path: &Path) -> Result<File, LoadError> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    if file.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(unreadable(path, &"it is not a file"));
    }
    Ok(file)
}

/// Fails where there is more of the file than the `max_bytes` that were taken.
fn ended(path: &Path, file: &mut File, max_bytes: usize) -> Result<(), LoadError> {
    match file.read(&mut [0]).map_err(|error| unreadable(path, &error))? {
        0 => Ok(()),
        _ => Err(LoadError::Limit(Limit::Component(max_bytes))),
    }
}

fn unreadable(path: &Path, reason: &impl ToString) -> LoadError {
    LoadError::Read { path: path.to_owned(), reason: reason.to_string() }
}

impl ComponentBytes {
    /// How large it is.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What it asks for and offers.
    pub(crate) fn outline(&self) -> Result<Outline, LoadError> {
        Outline::read(&self.bytes)
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

fn not_a_strategy(reason: wasmtime::Error) -> LoadError {
    LoadError::Invalid(text::presentable(&format!("{reason:#}"), []))
}
