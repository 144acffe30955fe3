//! The status of a profile, in one word.

use crate::error::ProviderError;
use orchestration_sandbox::{Credentials, ErrorKind};

/// The status of a profile's credential.
///
/// ```
/// use orchestration_auth::{ProvidersToml, Status};
///
/// let error = ProvidersToml::built_in().profile("opnai").unwrap_err();
/// assert_eq!(Status::of(&Err(error)), Status::Error);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// There is a credential, or none is needed.
    Valid,
    /// There is none now, but it will be got when it is needed, without the user.
    Ready,
    /// There is no credential.
    Missing,
    /// There is a credential, but it is invalid or has expired.
    Invalid,
    /// The strategy could not run, or there is none.
    Error,
}

impl Status {
    /// Returns the status that follows from the result of a strategy.
    pub fn of(result: &Result<Credentials, ProviderError>) -> Self {
        match result {
            Ok(_) => Self::Valid,
            Err(error) => error.kind().into(),
        }
    }
}

impl From<ErrorKind> for Status {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Renewable => Self::Ready,
            ErrorKind::Missing => Self::Missing,
            ErrorKind::Expired | ErrorKind::Invalid => Self::Invalid,
            ErrorKind::Denied
            | ErrorKind::Unavailable
            | ErrorKind::Unsupported
            | ErrorKind::Internal => Self::Error,
        }
    }
}
