//! From the source of a guest crate to the bytes of its component.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs, io};

use wit_component::ComponentEncoder;

use crate::{Paths, Toolchain, toolchain};

/// Why a guest could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be started.
    #[error("cargo could not be started: {0}")]
    Start(io::Error),
    /// Cargo ran and failed; its own words are on stderr.
    #[error("cargo failed to build the guest '{0}'")]
    Cargo(String),
    /// A folder or the core module could not be read.
    #[error("{path}: {source}")]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The core module does not fit the contract.
    #[error("the guest '{name}' is not a component: {reason}")]
    Component {
        /// The guest crate.
        name: String,
        /// Why, in the encoder's words.
        reason: String,
    },
}

/// Builds the guest crate `name` with `toolchain` and returns its component.
///
/// The bytes depend on the source and the toolchain alone: paths that differ
/// from machine to machine (the checkout, cargo's home, the standard library's
/// sources) are replaced by fixed names.
///
/// # Errors
///
/// Fails when cargo does, or when the result does not fit `wit/`.
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

/// The folders whose paths differ from machine to machine, each with the name
/// that stands for it. Those of the crate registries carry a hash of where they
/// were fetched from, so each is named by itself; they must be there already.
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
