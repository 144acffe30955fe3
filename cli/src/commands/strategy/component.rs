//! The component that a command names: a file, or a reference to a registry.

use std::path::{Path, PathBuf};

use orchestration_runtime::{InvalidReference, Reference};

use crate::error::CliError;
use crate::remedy;

/// A file or a reference.
pub(super) enum Named {
    File(PathBuf),
    Published(Reference),
}

impl Named {
    /// Reads the argument. Clap would repeat one that is wrong, with the password in it.
    pub(super) fn by(argument: &Path) -> Result<Self, CliError> {
        match argument.to_str().filter(|text| Reference::is_meant_by(text)) {
            Some(text) => reference(text).map(Self::Published),
            None => Ok(Self::File(argument.to_owned())),
        }
    }
}

/// Reads a reference.
pub(super) fn reference(text: &str) -> Result<Reference, CliError> {
    text.parse().map_err(|error: InvalidReference| {
        CliError::usage(error).with_hint(remedy::WRITE_REFERENCE.to_owned())
    })
}
