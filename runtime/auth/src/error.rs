//! Why a profile has no credential.
//!
//! Every error is one of a closed set of kinds and carries the data of its message, so
//! that a caller can act on it. Only the command line words a
//! [`Remedy`](crate::Remedy).

use std::time::Duration;

use orchestration_egress::HttpError;
use orchestration_sandbox::{
    ErrorKind, Failure, Grant, KeyringFault, NoSandbox, Source, StoreFault,
};

use crate::key::KeyFault;

/// Why a profile has no credential, or why its strategy could not be asked for one.
///
/// ```
/// use orchestration_auth::{ProviderError, ProvidersToml, Remedy};
///
/// let error = ProvidersToml::built_in().profile("opnai").unwrap_err();
/// assert!(matches!(error, ProviderError::UnknownProfile { .. }));
/// let Some(Remedy::ChooseProfile { suggestion, .. }) = error.remedy() else { unreachable!() };
/// assert_eq!(suggestion.as_deref(), Some("openai"));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No profile has this name.
    #[error("profile '{name}' not found")]
    UnknownProfile {
        /// The name, sanitized.
        name: String,
        /// The profiles that exist, sorted.
        available: Vec<String>,
    },
    /// No strategy serves this auth type.
    #[error("profile '{profile}': unknown auth type '{auth_type}'")]
    UnknownAuthType {
        /// The profile that sets it.
        profile: String,
        /// The auth type.
        auth_type: String,
        /// The auth types that exist, sorted.
        available: Vec<String>,
    },
    /// The strategy of a profile returned an error or could not run.
    #[error("profile '{profile}': {}", sentence(auth_type, failure))]
    Strategy {
        /// The profile.
        profile: String,
        /// The auth type that picked the strategy.
        auth_type: String,
        /// What providers.toml grants to the strategy.
        granted: Vec<Grant>,
        /// Users sign in with the strategy.
        signs_in: bool,
        /// What happened.
        #[source]
        failure: Box<Failure>,
    },
    /// A strategy cannot be used for any profile.
    #[error("{}", sentence(auth_type, failure))]
    Unusable {
        /// The auth type of the strategy.
        auth_type: String,
        /// What happened.
        #[source]
        failure: Box<Failure>,
    },
    /// The strategy of a profile returned a text that cannot be a key.
    #[error("profile '{profile}': {}", bad_key(source_of_key, *fault))]
    BadKey {
        /// The profile.
        profile: String,
        /// Where the text came from.
        source_of_key: Source,
        /// Why it cannot be a key.
        fault: KeyFault,
    },
    /// The host of a profile's base URL still has a placeholder of a preset.
    #[error("profile '{profile}': {}", has_placeholder(placeholder))]
    Placeholder {
        /// The profile.
        profile: String,
        /// What the user has yet to replace.
        placeholder: String,
    },
    /// The credential ends sooner than the caller can use.
    #[error("profile '{profile}': {}", ends_too_soon(*left, *wanted, reason.as_deref()))]
    EndsTooSoon {
        /// The profile.
        profile: String,
        /// How long it is still valid.
        left: Duration,
        /// How long it is to be valid.
        wanted: Duration,
        /// Why it was not renewed; `None` if it was, or can't be.
        #[source]
        reason: Option<Box<ProviderError>>,
    },
    /// No one finished a sign-in in time.
    #[error("profile '{profile}': {NOT_FINISHED}")]
    SignInNotFinished {
        /// The profile.
        profile: String,
    },
    /// The page that the user was to sign in on says that no one is signed in.
    #[error("profile '{profile}': the sign-in was refused: {words}")]
    SignInRefused {
        /// The profile.
        profile: String,
        /// The words of the page, sanitized.
        words: String,
    },
    /// Nothing can wait for the browser to come back.
    #[error("profile '{profile}': {}", cannot_listen(*port, reason))]
    CannotListen {
        /// The profile.
        profile: String,
        /// The port that was asked for.
        port: Option<u16>,
        /// The words of the system.
        reason: String,
    },
    /// The keyring, which has the session or the key of a profile or is to have it, is of no
    /// use.
    #[error("profile '{profile}': {fault}")]
    Keyring {
        /// The profile.
        profile: String,
        /// Why the keyring is of no use.
        fault: KeyringFault,
        /// It has the session or key already.
        is_there: bool,
    },
    /// The sandbox could not be set up on this machine.
    #[error(transparent)]
    Sandbox(#[from] NoSandbox),
}

impl ProviderError {
    /// Returns the message without the profile's name, for use beside that name.
    pub fn without_profile(&self) -> String {
        match self {
            Self::Strategy { auth_type, failure, .. } => sentence(auth_type, failure),
            Self::UnknownAuthType { auth_type, .. } => format!("unknown auth type '{auth_type}'"),
            Self::BadKey { source_of_key, fault, .. } => bad_key(source_of_key, *fault),
            Self::Placeholder { placeholder, .. } => has_placeholder(placeholder),
            Self::EndsTooSoon { left, wanted, reason, .. } => {
                ends_too_soon(*left, *wanted, reason.as_deref())
            }
            Self::SignInNotFinished { .. } => NOT_FINISHED.to_owned(),
            Self::SignInRefused { words, .. } => format!("the sign-in was refused: {words}"),
            Self::CannotListen { port, reason, .. } => cannot_listen(*port, reason),
            Self::Keyring { fault, .. } => fault.to_string(),
            Self::UnknownProfile { .. } | Self::Unusable { .. } | Self::Sandbox(_) => {
                self.to_string()
            }
        }
    }

    /// Returns the profile that the error is for, if there is one.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Strategy { profile, .. }
            | Self::UnknownAuthType { profile, .. }
            | Self::BadKey { profile, .. }
            | Self::EndsTooSoon { profile, .. }
            | Self::SignInNotFinished { profile }
            | Self::SignInRefused { profile, .. }
            | Self::CannotListen { profile, .. }
            | Self::Keyring { profile, .. }
            | Self::Placeholder { profile, .. } => Some(profile),
            Self::UnknownProfile { .. } | Self::Unusable { .. } | Self::Sandbox(_) => None,
        }
    }

    /// Returns the session that the next use renews, if the user has signed in and the error
    /// is that its credential has expired.
    pub fn renewed_session(&self) -> Option<&Source> {
        match self {
            Self::Strategy { signs_in: true, failure, .. } => match &**failure {
                Failure::Answer { seen, .. } => seen.session.as_ref(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the kind, which decides the status and the exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownProfile { .. } | Self::UnknownAuthType { .. } => ErrorKind::Unsupported,
            Self::Strategy { failure, .. } | Self::Unusable { failure, .. } => failure.kind(),
            // A key that can go nowhere is as good as a wrong one.
            Self::BadKey { .. } | Self::Placeholder { .. } => ErrorKind::Invalid,
            Self::EndsTooSoon { reason, .. } => {
                reason.as_ref().map_or(ErrorKind::Expired, |reason| reason.kind())
            }
            Self::SignInNotFinished { .. } => ErrorKind::Expired,
            Self::SignInRefused { .. } => ErrorKind::Invalid,
            Self::CannotListen { .. } => ErrorKind::Unavailable,
            Self::Keyring { fault, .. } => Failure::from(StoreFault::from(fault.clone())).kind(),
            Self::Sandbox(_) => ErrorKind::Internal,
        }
    }
}

const NOT_FINISHED: &str = "no one finished the sign-in in time";

fn cannot_listen(port: Option<u16>, reason: &str) -> String {
    let port = port.map_or("a port".to_owned(), |port| format!("port {port}"));
    format!("cannot listen on {port} of this machine: {reason}")
}

fn ends_too_soon(left: Duration, wanted: Duration, reason: Option<&ProviderError>) -> String {
    let (left, wanted) = (left.as_secs(), wanted.as_secs());
    let reason = reason.map(|reason| format!("; it was not renewed: {}", reason.without_profile()));
    let reason = reason.unwrap_or_default();
    format!("the credential ends in {left} s, sooner than the {wanted} s that are needed{reason}")
}

fn has_placeholder(placeholder: &str) -> String {
    HttpError::Placeholder(placeholder.to_owned()).to_string()
}

/// Returns a sentence that says what is wrong with a key, and where it came from.
fn bad_key(source: &Source, fault: KeyFault) -> String {
    match source {
        Source::Environment(variable) => format!("{variable} {fault}"),
        Source::File(path) => format!("the key in {path} {fault}"),
        Source::Explicit => format!("the key that was passed explicitly {fault}"),
        Source::Session { .. } => format!("the key of the stored session {fault}"),
        Source::StoredKey => format!("the stored key {fault}"),
        Source::NotNeeded { .. } | Source::Other(_) => format!("the key {fault}"),
    }
}

/// Returns a sentence that says what happened and names the strategy.
fn sentence(strategy: &str, failure: &Failure) -> String {
    match failure {
        // The strategy's own message names it already.
        Failure::Answer { .. } | Failure::Expired => failure.to_string(),
        // A limit of the system is no fault of the strategy.
        Failure::System(_) | Failure::Session(_) => failure.to_string(),
        Failure::Load(_) => format!("strategy '{strategy}': {failure}"),
        Failure::Denied(_)
        | Failure::DeniedInDescribe(_)
        | Failure::Unanswered { .. }
        | Failure::Limit(_)
        | Failure::Trap(_)
        | Failure::Contract(_) => format!("strategy '{strategy}' {failure}"),
    }
}
