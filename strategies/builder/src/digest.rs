//! SHA-256 digests of components and of their sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Paths;

/// Returns the SHA-256 of `bytes` in lower-case hexadecimal.
///
/// ```
/// assert!(strategy_builder::sha256_of_bytes(b"").starts_with("e3b0c44298fc1c14"));
/// ```
pub fn sha256_of_bytes(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// Returns the SHA-256 of everything that determines the component of the guest crate
/// `name`: its own files and those of the crates beside it that it depends on, the
/// workspace's manifest and lock file, and the contract.
///
/// Paths are hashed relative to the checkout and with `/`, so that every machine gets the
/// same digest. Each path and file is preceded by its length, so that different trees
/// have different digests.
///
/// # Errors
///
/// Fails with the error of the file system if a file cannot be read.
pub fn sha256_of_source(paths: &Paths, name: &str) -> io::Result<String> {
    let mut files = Vec::new();
    let own = paths.strategies().join(name);
    for shared in beside(&own)? {
        collect(&shared, &mut files)?;
    }
    collect(&own, &mut files)?;
    collect(&paths.wit(), &mut files)?;
    files.push(paths.strategies().join("Cargo.toml"));
    files.push(paths.strategies().join("Cargo.lock"));

    let mut named: Vec<(String, PathBuf)> =
        files.into_iter().map(|file| (relative(paths.root(), &file), file)).collect();
    named.sort();

    let mut hasher = Sha256::new();
    for (name, file) in named {
        let content = fs::read(file)?;
        for part in [name.as_bytes(), &content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hex(hasher.finalize().as_slice()))
}

/// Returns the directories of the crates that the one in `own` depends on by path. These
/// depend on no others, which `strategies/Cargo.toml` could not tell from guests.
fn beside(own: &Path) -> io::Result<Vec<PathBuf>> {
    #[derive(Deserialize)]
    struct Manifest {
        dependencies: BTreeMap<String, toml::Value>,
    }
    let text = fs::read_to_string(own.join("Cargo.toml"))?;
    let manifest: Manifest = toml::from_str(&text).map_err(io::Error::other)?;
    let path = |dependency: &toml::Value| Some(own.join(dependency.get("path")?.as_str()?));
    Ok(manifest.dependencies.values().filter_map(path).collect())
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn relative(root: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(root).unwrap_or(file);
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
