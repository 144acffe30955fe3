//! What can go wrong in a call of a strategy.

use serde::Deserialize;

use crate::denial::Denial;
use crate::limits::Limit;
use crate::load_error::LoadError;

/// Why there is no credential. The kinds of the contract, `error-kind` in
/// `wit/auth.wit`; the host's own failures are sorted into them too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// There is no credential: a variable is unset or empty.
    Missing,
    /// The credential has expired.
    Expired,
    /// The credential is malformed or was rejected.
    Invalid,
    /// The host did not grant what the strategy needs.
    Denied,
    /// Something outside did not answer; trying again later may help.
    Unavailable,
    /// The strategy cannot serve this profile at all.
    Unsupported,
    /// The strategy itself failed.
    Internal,
}

/// Why a call of a strategy gave no answer that can be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The strategy's component cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The strategy ran and returned an error. The texts are sanitized: one line,
    /// capped, without secrets.
    #[error("{message}")]
    Answer {
        /// The kind that the strategy gave.
        kind: ErrorKind,
        /// What happened.
        message: String,
        /// What to do now.
        hint: Option<String>,
    },
    /// The strategy asked for something outside its grants and failed. Each name
    /// is listed once, sanitized.
    #[error("asked for {}, which it is not granted", names(.0))]
    Denied(Vec<Denial>),
    /// The strategy asked for something in `describe`, where nothing is granted to
    /// any strategy.
    #[error("asked for {} in describe, which it is not granted there", names(.0))]
    DeniedInDescribe(Vec<Denial>),
    /// The strategy hit a limit and was stopped.
    #[error("was stopped: {0}")]
    Limit(Limit),
    /// The strategy's code failed, or broke the rules of the component model.
    #[error("crashed: {0}")]
    Trap(String),
    /// The strategy returned what the contract forbids.
    #[error("broke the contract: {0}")]
    Contract(&'static str),
}

impl Failure {
    /// Returns the kind, which decides status and exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Load(_) => ErrorKind::Unsupported,
            Self::Answer { kind, .. } => *kind,
            Self::Denied(_) | Self::DeniedInDescribe(_) => ErrorKind::Denied,
            Self::Limit(_) | Self::Trap(_) | Self::Contract(_) => ErrorKind::Internal,
        }
    }
}

fn names(denials: &[Denial]) -> String {
    let wanted: Vec<&str> = denials.iter().map(|denial| denial.wanted.as_str()).collect();
    wanted.join(", ")
}
