//! The provider's verdict on a credential.

use schemars::JsonSchema;
use serde::Serialize;

/// The provider's verdict on a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verification {
    /// The provider accepts it.
    Valid,
    /// No credential is needed, or the provider accepts requests without one.
    NotRequired,
    /// The provider rejects it.
    Invalid,
    /// The provider did not answer.
    Unreachable,
    /// The provider could not be asked, or its answer is inconclusive.
    Unknown,
}

impl From<&orchestration_runtime::Verdict> for Verification {
    fn from(verdict: &orchestration_runtime::Verdict) -> Self {
        use orchestration_runtime::Verdict;
        match verdict {
            Verdict::Accepted { .. } => Self::Valid,
            Verdict::NotRequired => Self::NotRequired,
            Verdict::Rejected(_) => Self::Invalid,
            Verdict::Unreachable(_) => Self::Unreachable,
            Verdict::Inconclusive(_) => Self::Unknown,
        }
    }
}
