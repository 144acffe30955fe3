//! Why an agent cannot be created or gives no answer.

use orchestration_auth::{ProviderError, Remedy};
use orchestration_sandbox::ErrorKind;

use crate::call_error::CallError;
use crate::state::AgentState;

/// Why an agent cannot be created or gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The profile has no credential.
    #[error(transparent)]
    Credential(#[from] ProviderError),
    /// The profile names a kind of provider that does not exist.
    #[error("profile '{profile}' names an unknown provider '{provider}'")]
    UnknownProvider {
        /// The profile.
        profile: String,
        /// The kind of provider that it names.
        provider: String,
        /// The kind that exists.
        known: &'static str,
    },
    /// Neither the configuration nor the profile names a model.
    #[error("profile '{profile}' has no model")]
    NoModel {
        /// The profile.
        profile: String,
    },
    /// The agent is busy or was shut down.
    #[error("agent '{agent}' {}", if *.state == AgentState::Terminated { "was shut down" } else { "is still answering" })]
    NotIdle {
        /// The agent.
        agent: String,
        /// What the agent is doing.
        state: AgentState,
    },
    /// The provider gave no answer, or no complete one.
    #[error("profile '{profile}': {error}")]
    Call {
        /// The profile.
        profile: String,
        /// What happened.
        #[source]
        error: Box<CallError>,
    },
}

impl AgentError {
    /// Returns the kind, which decides the exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Credential(error) => error.kind(),
            Self::UnknownProvider { .. } | Self::NoModel { .. } => ErrorKind::Unsupported,
            Self::NotIdle { .. } => ErrorKind::Internal,
            Self::Call { error, .. } => error.kind(),
        }
    }

    /// Returns what to do now, if anything helps.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Credential(error) => error.remedy(),
            Self::UnknownProvider { known, .. } => Some(Remedy::ChooseProvider { known }),
            Self::NoModel { profile } => Some(Remedy::NameModel { profile: profile.clone() }),
            Self::NotIdle { .. } => None,
            Self::Call { profile, error } => error.remedy(profile),
        }
    }
}
