//! Why no agent is asked.

use std::io;

use orchestration_runtime::InvalidUrl;

use crate::error::CliError;
use crate::remedy;

/// Why no agent is asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpawnError {
    /// There is none, or it is blank.
    #[error("no message to answer")]
    NoMessage,
    /// `--base-url` got something else than a URL that requests can go to.
    #[error("--base-url: {0}")]
    BaseUrl(InvalidUrl),
    /// stdin can't be read.
    #[error("cannot read the message: {0}")]
    Unreadable(#[source] io::Error),
}

impl From<SpawnError> for CliError {
    fn from(error: SpawnError) -> Self {
        let hint = match &error {
            SpawnError::BaseUrl(error) => Some(remedy::for_url(error)),
            SpawnError::NoMessage => Some(remedy::GIVE_MESSAGE.to_owned()),
            SpawnError::Unreadable(_) => None,
        };
        Self::usage(error).with_hint(hint)
    }
}
