//! Why a component cannot be used as a strategy.

use std::io;
use std::path::PathBuf;

use orchestration_support::SystemLimit;
use orchestration_support::redact::sanitize_path;

use crate::limits::Limit;

/// Why a component cannot be used as a strategy.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("its component {} can't be read: {reason}", sanitize_path(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        reason: String,
    },
    /// The file is not the one that the user accepted.
    #[error(
        "its component {} does not match providers.toml: sha256 is {found}, expected {expected}",
        sanitize_path(path)
    )]
    Digest {
        /// The file.
        path: PathBuf,
        /// The SHA-256 that providers.toml names.
        expected: String,
        /// The SHA-256 of the file.
        found: String,
    },
    /// The component is published elsewhere, and was not fetched, or what was fetched is
    /// damaged.
    #[error("its component {reference} is not on this machine")]
    NotFetched {
        /// Where it is published.
        reference: String,
    },
    /// The file is not WebAssembly.
    #[error("its component is not WebAssembly")]
    NotWasm,
    /// The file is a core module, which must be made into a component first.
    #[error("it is a core module, not a component")]
    CoreModule,
    /// The component was made for another version of the contract.
    #[error("component needs orchestration:auth@{0}, but only 0.2.0 is supported")]
    OtherVersion(String),
    /// The component imports something that is not offered to strategies.
    #[error("component imports {0}, which is not available to strategies")]
    Import(String),
    /// The component is not a strategy.
    #[error("component does not export orchestration:auth/strategy@0.2.0")]
    NoStrategy,
    /// The component expands to too many parts, or to an unknown number of them.
    #[error("component expands to more than 1000 nested parts")]
    TooManyParts,
    /// The component is damaged, or does not match the contract.
    #[error("component is not valid: {0}")]
    Invalid(String),
    /// The component is too large, or takes too long to compile.
    #[error("{0}")]
    Limit(Limit),
    /// Loading the component needs more than a limit of the system allows.
    #[error("{0} is too low to load it")]
    System(SystemLimit),
    /// The thread that compiles the component could not be started, or failed.
    #[error("it could not be compiled: {0}")]
    Thread(String),
}

impl LoadError {
    /// Returns the error of a thread or process that could not be started, or failed.
    pub fn of_thread(error: &io::Error) -> Self {
        SystemLimit::behind(error).map_or_else(|| Self::Thread(error.to_string()), Self::System)
    }

    /// Returns true if loading the same strategy may work later: its file is being
    /// replaced, or the machine is busy.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Read { .. }
            | Self::Digest { .. }
            | Self::NotFetched { .. }
            | Self::Thread(_)
            | Self::System(_) => true,
            Self::Limit(limit) => limit.may_pass(),
            Self::NotWasm
            | Self::CoreModule
            | Self::OtherVersion(_)
            | Self::Import(_)
            | Self::NoStrategy
            | Self::TooManyParts
            | Self::Invalid(_) => false,
        }
    }
}
