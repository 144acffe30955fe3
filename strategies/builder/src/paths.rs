//! Where the guests, their contract and their built components lie.

use std::path::{Path, PathBuf};

/// The folders that a build reads and writes, all below one checkout.
#[derive(Debug, Clone)]
pub struct Paths {
    root: PathBuf,
}

impl Paths {
    /// The folders of the checkout at `root`.
    pub fn of_checkout(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folders of the checkout that this crate was compiled in.
    pub fn of_this_checkout() -> Self {
        Self::of_checkout(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
    }

    /// The root of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The WIT package.
    pub fn wit(&self) -> PathBuf {
        self.root.join("wit")
    }

    /// The workspace of the guests.
    pub fn strategies(&self) -> PathBuf {
        self.root.join("strategies")
    }

    /// Cargo's folder for the guests. It lies in the target folder of the
    /// checkout, so that there is one to keep and one to remove.
    pub fn target(&self) -> PathBuf {
        self.root.join("target/strategies")
    }

    /// The committed component of the guest crate `name`.
    pub fn prebuilt(&self, name: &str) -> PathBuf {
        self.strategies().join("prebuilt").join(format!("{name}.wasm"))
    }

    /// The lock file of the committed components.
    pub fn lock(&self) -> PathBuf {
        self.strategies().join("prebuilt/strategies.lock")
    }
}
