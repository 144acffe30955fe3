//! `strategies/prebuilt/strategies.lock`: the source and the toolchain of each committed
//! component.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

const HEADER: &str = "# Written by `cargo strategies`; a test compares it with the source.\n\n";

/// The contents of the lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lock {
    /// The entries, by the name of the guest crate.
    pub strategies: BTreeMap<String, Locked>,
}

/// The entry of one committed component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// The SHA-256 of its source: see [`sha256_of_source`](crate::sha256_of_source).
    pub source: String,
    /// The SHA-256 of the component.
    pub component: String,
    /// The toolchain that built it: see [`Toolchain::label`](crate::Toolchain::label).
    pub toolchain: String,
}

/// The error of reading or writing the lock file.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The file is not a valid lock file.
    #[error("{}: {source}", path.display())]
    Syntax {
        /// The lock file.
        path: PathBuf,
        /// The position and the reason.
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
    /// Fails with [`LockError::Io`] if it cannot be read, and with [`LockError::Syntax`] if
    /// it is not a valid lock file.
    pub fn read(path: &Path) -> Result<Self, LockError> {
        let text = fs::read_to_string(path)
            .map_err(|source| LockError::Io { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|source| LockError::Syntax { path: path.to_owned(), source })
    }

    /// Writes the lock file to `path`.
    ///
    /// # Errors
    ///
    /// Fails with [`LockError::Io`] if it cannot be written, and with [`LockError::Write`]
    /// if the entries cannot be serialized.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let text = format!("{HEADER}{}", toml::to_string(self)?);
        fs::write(path, text).map_err(|source| LockError::Io { path: path.to_owned(), source })
    }
}
