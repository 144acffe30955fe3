//! The paths of the guests, their contract and their components.

use std::path::{Path, PathBuf};

/// The directories that a build reads and writes, all in one checkout.
#[derive(Debug, Clone)]
pub struct Paths {
    root: PathBuf,
}

impl Paths {
    /// Returns the paths in the checkout at `root`.
    pub fn in_checkout(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the paths in the checkout that this crate was compiled in.
    pub fn in_this_checkout() -> Self {
        Self::in_checkout(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
    }

    /// Returns the root of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the directory of the WIT package.
    pub fn wit(&self) -> PathBuf {
        self.root.join("wit")
    }

    /// Returns the directory of the guests' workspace.
    pub fn strategies(&self) -> PathBuf {
        self.root.join("strategies")
    }

    /// Returns cargo's target directory for the guests. It is in the target directory of
    /// the checkout, so that there is only one to cache or remove.
    pub fn target(&self) -> PathBuf {
        self.root.join("target/strategies")
    }

    /// Returns the path of the committed component of the guest crate `name`.
    pub fn prebuilt(&self, name: &str) -> PathBuf {
        self.strategies().join("prebuilt").join(format!("{name}.wasm"))
    }

    /// Returns the path of the lock file.
    pub fn lock(&self) -> PathBuf {
        self.strategies().join("prebuilt/strategies.lock")
    }
}
