//! `strategies/prebuilt/strategies.lock`: what each committed component was
//! built from, and by what.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

const HEADER: &str = "# Written by `cargo strategies`; a test compares it with the source.\n\n";

/// The whole lock file, by the name of the guest crate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lock {
    /// One entry a guest crate.
    pub strategies: BTreeMap<String, Locked>,
}

/// What is known of one committed component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// SHA-256 of all that it was built from, see [`crate::of_source`].
    pub source: String,
    /// SHA-256 of the component.
    pub component: String,
    /// The toolchain, as [`crate::Toolchain::label`] names it.
    pub toolchain: String,
}

/// Why the lock file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The text is not a lock file.
    #[error("{path}: {source}")]
    Syntax {
        /// The lock file.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
    /// The entries could not be written as TOML.
    #[error("the lock file could not be written as TOML: {0}")]
    Write(#[from] toml::ser::Error),
}

impl Lock {
    /// Reads the lock file at `path`.
    ///
    /// # Errors
    ///
    /// Fails when it is absent, unreadable or not a lock file.
    pub fn read(path: &Path) -> Result<Self, LockError> {
        let text = fs::read_to_string(path)
            .map_err(|source| LockError::Io { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|source| LockError::Syntax { path: path.to_owned(), source })
    }

    /// Writes the lock file to `path`.
    ///
    /// # Errors
    ///
    /// Fails when the file system refuses.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let text = format!("{HEADER}{}", toml::to_string(self)?);
        fs::write(path, text).map_err(|source| LockError::Io { path: path.to_owned(), source })
    }
}
