//! The status of a credential, and why it is not valid.

use schemars::JsonSchema;
use serde::Serialize;

/// The status of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// There is a credential, or none is needed.
    Valid,
    /// There is none now, but it is got when it is needed, without the user.
    Ready,
    /// No credential was found.
    Missing,
    /// The credential is rejected or has expired.
    Invalid,
    /// The strategy could not run.
    Error,
}

/// Why a credential is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// No credential was found: a variable is unset or empty.
    Missing,
    /// The credential has expired.
    Expired,
    /// There is no credential now, but the strategy can get one without the user.
    Renewable,
    /// The strategy or the provider rejects the credential.
    Invalid,
    /// The strategy needs something that it was not granted.
    Denied,
    /// Something that the strategy depends on did not answer; try again later.
    Unavailable,
    /// The strategy does not support this profile, or can't be used at all.
    Unsupported,
    /// The strategy itself failed.
    Internal,
}

impl Kind {
    /// The name that it has in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Expired => "expired",
            Self::Renewable => "renewable",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl From<Status> for orchestration_runtime::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::Valid => Self::Valid,
            Status::Ready => Self::Ready,
            Status::Missing => Self::Missing,
            Status::Invalid => Self::Invalid,
            Status::Error => Self::Error,
        }
    }
}

impl From<orchestration_runtime::Status> for Status {
    fn from(status: orchestration_runtime::Status) -> Self {
        use orchestration_runtime::Status;
        match status {
            Status::Valid => Self::Valid,
            Status::Ready => Self::Ready,
            Status::Missing => Self::Missing,
            Status::Invalid => Self::Invalid,
            Status::Error => Self::Error,
        }
    }
}

impl From<orchestration_runtime::ErrorKind> for Kind {
    fn from(kind: orchestration_runtime::ErrorKind) -> Self {
        use orchestration_runtime::ErrorKind;
        match kind {
            ErrorKind::Missing => Self::Missing,
            ErrorKind::Expired => Self::Expired,
            ErrorKind::Renewable => Self::Renewable,
            ErrorKind::Invalid => Self::Invalid,
            ErrorKind::Denied => Self::Denied,
            ErrorKind::Unavailable => Self::Unavailable,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::Internal => Self::Internal,
        }
    }
}
