//! Why there is no message to answer.

use std::io;

use crate::error::CliError;
use crate::remedy;

/// Why there is no message to answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpawnError {
    /// There is none, or it is blank.
    #[error("no message to answer")]
    NoMessage,
    /// stdin can't be read.
    #[error("cannot read the message: {0}")]
    Unreadable(#[source] io::Error),
}

impl From<SpawnError> for CliError {
    fn from(error: SpawnError) -> Self {
        let hint = match error {
            SpawnError::NoMessage => Some(remedy::GIVE_MESSAGE.to_owned()),
            SpawnError::Unreadable(_) => None,
        };
        Self::usage(error).with_hint(hint)
    }
}
