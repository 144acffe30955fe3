//! Why a provider gave no answer.

use std::time::Duration;

use orchestration_auth::Remedy;
use orchestration_egress::HttpError;
use orchestration_sandbox::{ErrorKind, Source};

/// What became of a request to a provider. Texts of the provider's are fit to be
/// shown: one line, capped, scrubbed of the key.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// There was no answer at all.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The provider does not take the key, or not for this.
    #[error("{url} {} {}{}", refusal(*status), key.described(), said(*status, message))]
    Authentication {
        /// Where the request went.
        url: String,
        /// 401 or 403.
        status: u16,
        /// The key that was sent.
        key: Box<SentKey>,
        /// What the provider says.
        message: String,
    },
    /// The provider was asked too often, or its price was not paid.
    #[error("{url} takes no more requests for now{}", said(429, message))]
    RateLimited {
        /// Where the request went.
        url: String,
        /// How long it wants to be left alone, where it says so.
        retry_after: Option<Duration>,
        /// What the provider says.
        message: String,
    },
    /// The provider answered with another status.
    #[error("{url} failed{}", said(*status, message))]
    Status {
        /// Where the request went.
        url: String,
        /// The status.
        status: u16,
        /// How long it wants to be left alone, where it says so.
        retry_after: Option<Duration>,
        /// What the provider says.
        message: String,
    },
    /// What answered does not speak the protocol.
    #[error("{url} answered with {content_type} where a stream of events was expected")]
    NotAStream {
        /// Where the request went.
        url: String,
        /// What the answer is.
        content_type: String,
    },
    /// An event of the answer could not be understood.
    #[error("{url} sent what could not be understood: {reason}")]
    Malformed {
        /// Where the request went.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The provider gave up in the middle of its answer.
    #[error("{url} gave up in the middle of its answer: {message}")]
    GaveUp {
        /// Where the request went.
        url: String,
        /// What the provider says.
        message: String,
    },
    /// The answer ended without saying that it was complete.
    #[error("{url} broke off in the middle of its answer")]
    Incomplete {
        /// Where the request went.
        url: String,
    },
}

/// A key, as far as an error may tell of it.
#[derive(Debug, Clone)]
pub struct SentKey {
    /// Where it came from.
    pub source: Source,
    /// Enough to recognise it by; empty where none was sent.
    pub mask: String,
}

impl SentKey {
    fn described(&self) -> String {
        match &self.source {
            Source::NotNeeded => "a request without a key".to_owned(),
            Source::Explicit => format!("the key given by hand ({})", self.mask),
            Source::Environment(name) => format!("the key from {name} ({})", self.mask),
            Source::Other(words) => format!("the credential from {words} ({})", self.mask),
        }
    }
}

impl CallError {
    /// The kind, which decides the exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Authentication { .. } | Self::Http(HttpError::Key) => ErrorKind::Invalid,
            Self::Http(HttpError::Url(_) | HttpError::PlainHttp { .. } | HttpError::Header(_)) => {
                ErrorKind::Unsupported
            }
            Self::Http(_)
            | Self::RateLimited { .. }
            | Self::Status { .. }
            | Self::NotAStream { .. }
            | Self::Malformed { .. }
            | Self::GaveUp { .. }
            | Self::Incomplete { .. } => ErrorKind::Unavailable,
        }
    }

    /// Returns what to do now about `profile`, if there is anything.
    pub fn remedy(&self, profile: &str) -> Option<Remedy> {
        let profile = || profile.to_owned();
        match self {
            Self::Http(error) => Remedy::of_http(error, &profile()),
            Self::Authentication { status: 403, .. } => Some(Remedy::CheckPermissions),
            Self::Authentication { key, .. } => Some(match &key.source {
                Source::NotNeeded => Remedy::NameVariable { profile: profile() },
                Source::Environment(name) => Remedy::CheckKey { variable: Some(name.clone()) },
                Source::Explicit | Source::Other(_) => Remedy::CheckKey { variable: None },
            }),
            Self::RateLimited { retry_after: Some(time), .. }
            | Self::Status { retry_after: Some(time), .. } => {
                Some(Remedy::TryLater { after: Some(*time) })
            }
            Self::RateLimited { retry_after: None, .. } => Some(Remedy::CheckPlan),
            Self::Status { status: 404, .. } => Some(Remedy::CheckModelAndUrl),
            Self::NotAStream { .. } => Some(Remedy::CheckBaseUrl),
            Self::Status { .. }
            | Self::Malformed { .. }
            | Self::GaveUp { .. }
            | Self::Incomplete { .. } => None,
        }
    }
}

fn refusal(status: u16) -> &'static str {
    if status == 403 { "forbids this to" } else { "does not take" }
}

/// The status and what the provider says, e.g. ` (429: slow down)`.
fn said(status: u16, message: &str) -> String {
    if message.is_empty() { format!(" ({status})") } else { format!(" ({status}: {message})") }
}
