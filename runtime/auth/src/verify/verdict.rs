//! What a provider says about a credential.

use orchestration_egress::HttpError;

/// What a provider says about a credential, or why it says nothing.
///
/// ```
/// use orchestration_auth::{Remedy, Verdict};
/// use orchestration_egress::HttpError;
///
/// let verdict = Verdict::from(HttpError::Timeout { url: "https://llm.example".to_owned() });
/// assert!(matches!(verdict, Verdict::Unreachable(_)));
/// let wait = Remedy::RaiseTimeout { profile: "corp".to_owned() };
/// assert_eq!(verdict.remedy("corp"), Some(wait));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The provider accepts the credential.
    Accepted {
        /// The host that was asked, with its port unless that is the default one.
        host: String,
    },
    /// The server accepts requests without a key.
    NotRequired,
    /// The credential is not valid.
    Rejected(Rejection),
    /// The provider did not answer.
    Unreachable(HttpError),
    /// The provider was not asked, or its answer does not decide.
    Inconclusive(Inconclusive),
}

/// Why a credential is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The provider rejects it.
    #[error("{host} rejects the key ({status})")]
    Answer {
        /// The host that was asked.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// There is no key, and the server requires one.
    #[error("{host} requires a key ({status})")]
    KeyRequired {
        /// The host that was asked.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// No request can carry it, so no provider can accept it.
    #[error("the key contains characters that can't be sent, e.g. a line break")]
    Unsendable,
}

/// Why it is unknown whether a credential is valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconclusive {
    /// Neither the profile nor the table of providers describes a way to ask.
    #[error("no way to verify a key of provider '{provider}' is known")]
    NoProbe {
        /// The kind of provider.
        provider: String,
    },
    /// The answer is not one with a known meaning.
    #[error("{host} answered {status}, which says nothing about the key")]
    Answer {
        /// The host that was asked.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// There is no key, and the answer does not decide whether one is required.
    #[error("{host} answered {status}, which does not say whether it requires a key")]
    AnswerWithoutKey {
        /// The host that was asked.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// The provider was not asked, because that would have exposed the key or was not
    /// possible with these settings.
    #[error(transparent)]
    NotAsked(HttpError),
}

/// Sorts the failure of a request: the key itself can't be sent, the request was never
/// sent, or the provider did not answer.
impl From<HttpError> for Verdict {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Key => Self::Rejected(Rejection::Unsendable),
            HttpError::Url(_)
            | HttpError::Placeholder(_)
            | HttpError::ConnectionHeader(_)
            | HttpError::PlainHttp { .. }
            | HttpError::Header(_)
            | HttpError::Setup(_)
            | HttpError::System(_)
            | HttpError::ProxyVariable { .. }
            | HttpError::Redirect { .. } => Self::Inconclusive(Inconclusive::NotAsked(error)),
            HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::Proxy { .. }
            | HttpError::Untrusted { .. }
            | HttpError::Timeout { .. }
            | HttpError::Interrupted { .. } => Self::Unreachable(error),
        }
    }
}
