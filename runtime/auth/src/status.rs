//! How a profile stands, in one word.

use crate::error::ProviderError;
use orchestration_sandbox::{Credentials, ErrorKind};

/// How the credential of a profile stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// There is a credential, or none is needed.
    Valid,
    /// Nothing is there.
    Missing,
    /// There is a credential, and it is no good or has expired.
    Invalid,
    /// The strategy could not run.
    Error,
}

impl Status {
    /// The status that the answer of a strategy amounts to.
    pub fn of(answer: &Result<Credentials, ProviderError>) -> Self {
        match answer {
            Ok(_) => Self::Valid,
            Err(error) => match error.kind() {
                ErrorKind::Missing => Self::Missing,
                ErrorKind::Expired | ErrorKind::Invalid => Self::Invalid,
                ErrorKind::Denied
                | ErrorKind::Unavailable
                | ErrorKind::Unsupported
                | ErrorKind::Internal => Self::Error,
            },
        }
    }
}
