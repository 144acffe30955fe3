//! Failures of a call.

use std::io;
use std::time::Duration;

use serde::Deserialize;

use orchestration_support::{SystemLimit, redact};

use crate::capabilities::http::HttpFault;
use crate::capabilities::store::{KeyringFault, StoreFault};
use crate::denial::Denial;
use crate::limits::Limit;
use crate::load_error::LoadError;
use crate::platform::system_error;
use crate::said::Said;
use crate::source::Source;

/// The kind of a failure: `error-kind` in `wit/types.wit`. The host's own failures are
/// assigned to these kinds too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// There is no credential, e.g. because a variable is unset or empty.
    Missing,
    /// The credential has expired.
    Expired,
    /// There is no credential now, but the strategy can get one without the user.
    Renewable,
    /// The credential is malformed or was rejected.
    Invalid,
    /// The strategy needs something that it was not granted.
    Denied,
    /// Something outside did not respond; trying again later may help.
    Unavailable,
    /// The strategy cannot serve this profile.
    Unsupported,
    /// The strategy itself failed.
    Internal,
}

/// Why a call of a strategy returned nothing that can be used.
///
/// ```
/// use orchestration_sandbox::{Capability, Denial, ErrorKind, Failure, Limit};
///
/// let wanted = "CORP_TOKEN".to_owned();
/// let denied = Failure::Denied(vec![Denial { capability: Capability::Environment, wanted }]);
/// assert_eq!(denied.kind(), ErrorKind::Denied);
/// assert_eq!(denied.to_string(), "was denied CORP_TOKEN (not granted)");
///
/// // A limit is a failure of the strategy itself.
/// let stopped = Failure::Limit(Limit::Memory(64 << 20));
/// assert_eq!(stopped.kind(), ErrorKind::Internal);
/// assert_eq!(stopped.to_string(), "was stopped: it asked for more than 64 MiB of memory");
/// ```
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The strategy's component cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The strategy returned an error. Its texts are sanitized: one line, capped,
    /// without secrets.
    #[error("{}", reason(message.as_ref()))]
    Answer {
        /// The kind that the strategy chose. It is never [`ErrorKind::Denied`]: only the
        /// host denies.
        kind: ErrorKind,
        /// What happened, if the strategy says so.
        message: Option<Said>,
        /// What to do about it.
        hint: Option<Said>,
        /// What the host saw in the call.
        seen: Box<Seen>,
    },
    /// A server that the strategy asked did not answer, and so the strategy failed. The host
    /// knows why; all that the strategy knows is less.
    #[error("got no answer from {origin}{}", why(fault))]
    Unanswered {
        /// The kind that the strategy chose.
        kind: ErrorKind,
        /// The origin of the server.
        origin: String,
        /// Why there was no answer, sanitized.
        fault: HttpFault,
        /// The most time that the requests of a call may take.
        time: Duration,
    },
    /// The strategy returned a credential that has expired.
    #[error("the credential has expired")]
    Expired,
    /// The strategy asked for something outside its grants and failed. Each name is
    /// listed once, sanitized.
    #[error("was denied {} (not granted)", names(.0))]
    Denied(Vec<Denial>),
    /// The strategy asked for something in `describe`, where no strategy is granted
    /// anything.
    #[error("was denied {} in describe (nothing is granted there)", names(.0))]
    DeniedInDescribe(Vec<Denial>),
    /// The strategy exceeded a limit and was stopped.
    #[error("was stopped: {0}")]
    Limit(Limit),
    /// The call needed more than a limit of the system allows this process.
    #[error("{0} is too low to run strategies")]
    System(SystemLimit),
    /// The strategy's code trapped, or broke the rules of the component model.
    #[error("crashed: {0}")]
    Trap(String),
    /// The session of the strategy could not be read, written or locked.
    #[error(transparent)]
    Session(#[from] StoreFault),
    /// The strategy returned what the contract forbids.
    #[error("broke the contract: {0}")]
    Contract(&'static str),
}

/// What the host saw in a call that returned an error. It is no part of the strategy's words.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Seen {
    /// The variables that the strategy asked for and that are unset or blank.
    pub unset: Vec<String>,
    /// The session that the next use renews, if the error is [`ErrorKind::Renewable`].
    pub session: Option<Source>,
    /// How long a server wants to be left alone, if it is unavailable and says so.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// Returns how long the server that failed wants to be left alone, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answer { seen, .. } => seen.retry_after,
            _ => None,
        }
    }

    /// Returns the kind, which determines the status of the profile and the exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Load(_) => ErrorKind::Unsupported,
            Self::Answer { kind, .. } | Self::Unanswered { kind, .. } => *kind,
            Self::Expired => ErrorKind::Expired,
            Self::Denied(_) | Self::DeniedInDescribe(_) => ErrorKind::Denied,
            Self::Session(StoreFault::Keyring(KeyringFault::NotBuilt)) => ErrorKind::Unsupported,
            Self::Session(StoreFault::Keyring(_)) => ErrorKind::Unavailable,
            Self::Limit(_)
            | Self::System(_)
            | Self::Trap(_)
            | Self::Session(_)
            | Self::Contract(_) => ErrorKind::Internal,
        }
    }

    /// Returns true if the same call may work later, without anyone changing the
    /// configuration.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Load(error) => error.may_pass(),
            Self::Limit(limit) => limit.may_pass(),
            Self::Answer { kind, .. } => *kind == ErrorKind::Unavailable,
            Self::System(_) | Self::Session(_) | Self::Unanswered { .. } => true,
            Self::Expired
            | Self::Denied(_)
            | Self::DeniedInDescribe(_)
            | Self::Trap(_)
            | Self::Contract(_) => false,
        }
    }
}

/// Returns the limit of the system that `error` came from, if it did.
pub(crate) fn system_limit(error: &wasmtime::Error) -> Option<SystemLimit> {
    error.chain().find_map(|cause| match cause.downcast_ref::<io::Error>() {
        Some(error) => SystemLimit::behind(error),
        None => SystemLimit::behind_code(system_error(cause)?),
    })
}

/// Returns why a server did not answer.
fn why(fault: &HttpFault) -> String {
    match fault {
        HttpFault::Timeout => " in time".to_owned(),
        fault => format!(": {fault}"),
    }
}

/// Returns why a strategy returned an error.
fn reason(message: Option<&Said>) -> String {
    message.map_or("the strategy gave no reason".to_owned(), Said::to_string)
}

/// Returns the denied names, separated by commas.
fn names(denials: &[Denial]) -> String {
    let name = |denial: &Denial| match denial.wanted.as_str() {
        "" => "an empty name".to_owned(),
        wanted if denial.grant().is_some() => wanted.to_owned(),
        // It is no name, but a text of the strategy.
        wanted => redact::quote(wanted),
    };
    let wanted: Vec<String> = denials.iter().map(name).collect();
    wanted.join(", ")
}
