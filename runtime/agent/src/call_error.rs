//! Why a provider gave no answer.

use std::time::Duration;

use orchestration_auth::Remedy;
use orchestration_egress::HttpError;
use orchestration_sandbox::{ErrorKind, Source};

/// Why a provider gave no answer, or no complete one. The provider's texts are
/// sanitized: one line, cut to length, with the key redacted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// There was no HTTP response.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The provider rejects the key, or does not allow this request with it.
    #[error("{url} {} {}{}", rejection(*status), key.described(), detail(*status, message))]
    Authentication {
        /// The URL of the request.
        url: String,
        /// 401 or 403.
        status: u16,
        /// The key that was sent.
        key: Box<SentKey>,
        /// The provider's message.
        message: String,
    },
    /// The provider limits the rate of requests, or the quota is used up.
    #[error("{url} accepts no more requests for now{}", detail(429, message))]
    RateLimited {
        /// The URL of the request.
        url: String,
        /// How long the provider asks to wait, if it says.
        retry_after: Option<Duration>,
        /// The provider's message.
        message: String,
    },
    /// The provider answered with another status that is an error.
    #[error("{url} failed{}", detail(*status, message))]
    Status {
        /// The URL of the request.
        url: String,
        /// The status.
        status: u16,
        /// How long the provider asks to wait, if it says.
        retry_after: Option<Duration>,
        /// The provider's message.
        message: String,
    },
    /// The server does not speak the protocol.
    #[error("{url} answered with {content_type} instead of an event stream")]
    NotAStream {
        /// The URL of the request.
        url: String,
        /// The content type of the answer.
        content_type: String,
    },
    /// An event of the answer is malformed.
    #[error("{url} sent a malformed answer: {reason}")]
    Malformed {
        /// The URL of the request.
        url: String,
        /// What is wrong with the event.
        reason: String,
    },
    /// The provider reported an error in the middle of its answer.
    #[error("{url} failed in the middle of its answer: {message}")]
    GaveUp {
        /// The URL of the request.
        url: String,
        /// The provider's message.
        message: String,
    },
    /// The answer ended without the sign that it is complete.
    #[error("{url} closed the connection in the middle of its answer")]
    Incomplete {
        /// The URL of the request.
        url: String,
    },
}

/// What an error may reveal about the key that was sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SentKey {
    /// Where the key came from.
    pub source: Source,
    /// The masked key, e.g. `sk-...7x2f`; empty if none was sent.
    pub mask: String,
}

impl SentKey {
    fn described(&self) -> String {
        match &self.source {
            Source::NotNeeded { .. } => "a request without a key".to_owned(),
            Source::Explicit => format!("the explicit key ({})", self.mask),
            Source::Environment(name) | Source::File(name) => {
                format!("the key from {name} ({})", self.mask)
            }
            Source::Session { account: Some(account), .. } => {
                format!("the session of {} ({})", account.as_noun(), self.mask)
            }
            Source::Session { account: None, .. } => format!("the stored session ({})", self.mask),
            Source::StoredKey => format!("the stored key ({})", self.mask),
            Source::Other(claim) => format!("the credential ({}) from {claim}", self.mask),
        }
    }
}

impl CallError {
    /// Returns the kind, which decides the exit status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Authentication { .. } | Self::Http(HttpError::Key) => ErrorKind::Invalid,
            Self::Http(
                HttpError::Url(_)
                | HttpError::Placeholder(_)
                | HttpError::PlainHttp { .. }
                | HttpError::Header(_)
                | HttpError::ConnectionHeader(_)
                | HttpError::ProxyVariable { .. },
            ) => ErrorKind::Unsupported,
            Self::Http(_)
            | Self::RateLimited { .. }
            | Self::Status { .. }
            | Self::NotAStream { .. }
            | Self::Malformed { .. }
            | Self::GaveUp { .. }
            | Self::Incomplete { .. } => ErrorKind::Unavailable,
        }
    }

    /// Returns what to do now for `profile`, if anything helps.
    pub fn remedy(&self, profile: &str) -> Option<Remedy> {
        let profile = || profile.to_owned();
        match self {
            Self::Http(error) => Remedy::of_http(error, &profile()),
            Self::Authentication { status: 403, .. } => Some(Remedy::CheckPermissions),
            Self::Authentication { key, .. } => Some(match &key.source {
                Source::NotNeeded { .. } => Remedy::NameVariable { profile: profile() },
                Source::StoredKey => Remedy::StoreKey { profile: profile() },
                Source::Environment(name) | Source::File(name) => {
                    Remedy::CheckKey { holder: Some(name.clone()) }
                }
                Source::Explicit | Source::Session { .. } | Source::Other(_) => {
                    Remedy::CheckKey { holder: None }
                }
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

fn rejection(status: u16) -> &'static str {
    if status == 403 { "does not allow this with" } else { "rejects" }
}

/// Returns the status and the provider's message, e.g. ` (429: slow down)`.
fn detail(status: u16, message: &str) -> String {
    if message.is_empty() { format!(" ({status})") } else { format!(" ({status}: {message})") }
}
