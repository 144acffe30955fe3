//! Builds guest crates into components.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs, io};

use wit_component::ComponentEncoder;

use crate::{Paths, Toolchain, toolchain};

/// The error of building a guest.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be started.
    #[error("cargo could not be started: {0}")]
    Start(io::Error),
    /// Cargo failed; its messages are on stderr.
    #[error("cargo failed to build the guest '{0}'")]
    Cargo(String),
    /// A directory or the core module could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The core module does not match the contract.
    #[error("the guest '{name}' cannot be made into a component: {reason}")]
    Component {
        /// The guest crate.
        name: String,
        /// The error of the encoder.
        reason: String,
    },
}

/// Builds the guest crate `name` with `toolchain` and returns its component.
///
/// The result depends only on the source and the toolchain: paths that differ between
/// machines (the checkout, cargo's home, the sources of the standard library) are
/// replaced by fixed names.
///
/// # Errors
///
/// Fails with [`BuildError::Start`] or [`BuildError::Cargo`] if cargo fails, with
/// [`BuildError::Io`] if a file cannot be read, and with [`BuildError::Component`] if the
/// guest does not match `wit/`.
pub fn build(paths: &Paths, toolchain: &Toolchain, name: &str) -> Result<Vec<u8>, BuildError> {
    run(toolchain.fetch().current_dir(paths.strategies()), name)?;
    let mut cargo = toolchain.build(name, &remapped(paths)?);
    cargo.arg("--target-dir").arg(paths.target());
    run(cargo.current_dir(paths.strategies()), name)?;
    let module = paths
        .target()
        .join(toolchain::TARGET)
        .join("release")
        .join(format!("{}.wasm", name.replace('-', "_")));
    let bytes = fs::read(&module).map_err(|source| BuildError::Io { path: module, source })?;
    ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| BuildError::Component {
            name: name.to_owned(),
            reason: format!("{error:#}"),
        })
}

fn run(cargo: &mut Command, name: &str) -> Result<(), BuildError> {
    match cargo.status().map_err(BuildError::Start)? {
        status if status.success() => Ok(()),
        _ => Err(BuildError::Cargo(name.to_owned())),
    }
}

/// Returns the directories whose paths differ between machines, each with the name that
/// replaces it. The names of registry directories contain a hash of the registry's URL,
/// so each is listed separately; the crates must have been fetched before.
fn remapped(paths: &Paths) -> Result<Vec<(PathBuf, &'static str)>, BuildError> {
    let at = |path: PathBuf| move |source| BuildError::Io { path, source };
    let root = paths.root().canonicalize().map_err(at(paths.root().to_owned()))?;
    let mut remapped = vec![(root, "/orchestration")];
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    if let Some(sources) = home.map(|home| home.join("registry/src")) {
        for registry in fs::read_dir(&sources).map_err(at(sources.clone()))? {
            remapped.push((registry.map_err(at(sources.clone()))?.path(), "/crates"));
        }
    }
    Ok(remapped)
}
