//! What can go wrong on the way to a credential.
//!
//! Every error is a closed kind with the data that its message needs, so that a
//! caller can act on it and the command line alone decides on words like `error:`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::sandbox::{Limit, LoadError};
use crate::{AgentState, CallError, is_variable_name};

/// Why there is no credential. The kinds of the contract, `error-kind` in
/// `wit/auth.wit`; the host's own failures are put under them too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// Nothing is there: a variable is unset or empty.
    Missing,
    /// There is a credential, and its time is over.
    Expired,
    /// There is a credential, and it is no good.
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

/// Why a profile has no credential, or could not be asked for one.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No profile has this name.
    #[error("profile '{name}' not found")]
    UnknownProfile {
        /// What was asked for.
        name: String,
        /// The profiles that there are, sorted.
        available: Vec<String>,
    },
    /// The strategy of a profile gave no credential, or could not run.
    #[error("profile '{profile}': {}", failure.sentence(auth_type))]
    Strategy {
        /// The profile that was asked about.
        profile: String,
        /// The auth type that picked the strategy.
        auth_type: String,
        /// What providers.toml grants the strategy.
        granted: Vec<String>,
        /// What happened.
        #[source]
        failure: Box<Failure>,
    },
    /// A strategy can't be used at all, whatever the profile.
    #[error("{}", failure.sentence(auth_type))]
    Unusable {
        /// The auth type of the strategy.
        auth_type: String,
        /// What happened.
        #[source]
        failure: Box<Failure>,
    },
    /// A profile names a kind of provider that there is none of.
    #[error("profile '{profile}' names an unknown provider '{provider}'")]
    UnknownProvider {
        /// The profile.
        profile: String,
        /// What it asks for.
        provider: String,
        /// The kind that there is.
        known: &'static str,
    },
    /// Nobody said which model is to answer.
    #[error("no model is named for profile '{profile}'")]
    NoModel {
        /// The profile.
        profile: String,
    },
    /// The agent can't be asked.
    #[error("agent '{agent}' {}", if *.state == AgentState::Terminated { "was shut down" } else { "is still answering" })]
    NotIdle {
        /// The agent.
        agent: String,
        /// What it is doing.
        state: AgentState,
    },
    /// The provider of a profile gave no answer.
    #[error("profile '{profile}': {error}")]
    Call {
        /// The profile.
        profile: String,
        /// What happened.
        #[source]
        error: Box<CallError>,
    },
    /// The sandbox could not be set up on this machine.
    #[error("the sandbox could not be set up: {0}")]
    Sandbox(String),
}

impl ProviderError {
    /// The kind, which decides status and exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownProfile { .. } | Self::UnknownProvider { .. } | Self::NoModel { .. } => {
                ErrorKind::Unsupported
            }
            Self::Call { error, .. } => error.kind(),
            Self::Strategy { failure, .. } | Self::Unusable { failure, .. } => failure.kind(),
            Self::Sandbox(_) | Self::NotIdle { .. } => ErrorKind::Internal,
        }
    }

    /// What to do now, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownProfile { name, available } => Some(instead_of(name, available)),
            Self::Strategy { auth_type, granted, failure, .. } => failure.hint(auth_type, granted),
            Self::Unusable { auth_type, failure } => failure.hint(auth_type, &[]),
            Self::UnknownProvider { known, .. } => Some(format!("known providers: {known}")),
            Self::NoModel { profile } => {
                Some(format!("add default_model = \"...\" to [profiles.{profile}]"))
            }
            Self::Call { profile, error } => error.hint(profile),
            Self::Sandbox(_) | Self::NotIdle { .. } => None,
        }
    }
}

/// The profile that was most likely meant, and those that there are: as many as
/// can be taken in.
fn instead_of(name: &str, available: &[String]) -> String {
    const NAMED: usize = 20;
    let meant = crate::did_you_mean(name, available);
    let named: Vec<&str> = available.iter().take(NAMED).map(String::as_str).collect();
    let more = available.len() - named.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{meant}available profiles: {}{more}", named.join(", "))
}

/// What happened to a strategy.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// No strategy serves this auth type.
    #[error("unknown auth type '{auth_type}'")]
    UnknownAuthType {
        /// What the profile asks for.
        auth_type: String,
        /// The auth types that there are, sorted.
        available: Vec<String>,
    },
    /// The strategy's component cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The strategy ran and answered with an error. The texts are fit to be
    /// shown: one line, capped, scrubbed of secrets.
    #[error("{message}")]
    Answer {
        /// The kind that the strategy gave.
        kind: ErrorKind,
        /// What happened.
        message: String,
        /// What to do now.
        hint: Option<String>,
    },
    /// The strategy asked for variables outside its grants and got no further.
    /// Each name stands here once, fit to be shown.
    #[error("asked for {}, which it is not granted", .0.join(", "))]
    Denied(Vec<String>),
    /// The strategy asked for variables while it described itself, when nothing
    /// is granted to any strategy. Names as above.
    #[error("asked for {} in describe, which it is not granted there", .0.join(", "))]
    DeniedInDescribe(Vec<String>),
    /// The strategy hit a limit and was stopped.
    #[error("was stopped: {0}")]
    Limit(Limit),
    /// The strategy's code failed, or broke the rules of the component model.
    #[error("crashed: {0}")]
    Trap(String),
    /// The strategy answered what the contract forbids.
    #[error("broke the contract: {0}")]
    Contract(&'static str),
}

impl Failure {
    /// What happened, in a whole sentence that names the strategy.
    pub fn sentence(&self, strategy: &str) -> String {
        match self {
            // What a strategy says speaks for itself, as does an unknown name.
            Self::Answer { .. } | Self::UnknownAuthType { .. } => self.to_string(),
            Self::Load(_) => format!("strategy '{strategy}': {self}"),
            Self::Denied(_)
            | Self::DeniedInDescribe(_)
            | Self::Limit(_)
            | Self::Trap(_)
            | Self::Contract(_) => {
                format!("strategy '{strategy}' {self}")
            }
        }
    }

    /// The kind, which decides status and exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownAuthType { .. } | Self::Load(_) => ErrorKind::Unsupported,
            Self::Answer { kind, .. } => *kind,
            Self::Denied(_) | Self::DeniedInDescribe(_) => ErrorKind::Denied,
            Self::Limit(_) | Self::Trap(_) | Self::Contract(_) => ErrorKind::Internal,
        }
    }

    /// What to do now, where something can be said.
    pub(crate) fn hint(&self, strategy: &str, granted: &[String]) -> Option<String> {
        match self {
            Self::UnknownAuthType { available, .. } => {
                Some(format!("available auth types: {}", available.join(", ")))
            }
            Self::Load(error) => error.hint(strategy),
            Self::Trap(_) | Self::Contract(_) => None,
            Self::Answer { hint, .. } => hint.clone(),
            Self::Denied(variables) => grant(strategy, variables, granted),
            Self::DeniedInDescribe(_) => {
                Some("describe gets no grants: tell its author that it must do without".into())
            }
            Self::Limit(limit) => Some(limit.hint(strategy)),
        }
    }
}

/// The line of providers.toml that grants `wanted` beside what is granted
/// already, and the table that it belongs to. None where nothing of it is the
/// name of a variable: a strategy may ask for anything.
fn grant(strategy: &str, wanted: &[String], granted: &[String]) -> Option<String> {
    let mut wanted = wanted.iter().filter(|name| is_variable_name(name)).peekable();
    wanted.peek()?;
    let names: BTreeSet<&String> = granted.iter().chain(wanted).collect();
    let list: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    Some(format!("grant it with env = [{}] under [strategies.{strategy}]", list.join(", ")))
}
