//! Why a component cannot be used as a strategy.

use std::path::PathBuf;

use crate::limits::Limit;

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
