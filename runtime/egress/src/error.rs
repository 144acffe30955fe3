//! Why a request got no answer.

use std::error::Error;
use std::io;

use orchestration_support::redact;

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The base URL is none that requests can go to. It is not repeated: what
    /// can't be taken apart may hold a secret anywhere.
    #[error("the base URL can't be used: {0}")]
    Url(String),
    /// The key would go over the network unprotected.
    #[error("{url} is plain http, which anybody on the way could read the key from")]
    PlainHttp {
        /// Where the request would have gone.
        url: String,
    },
    /// The key has characters that no header can carry.
    #[error("the key holds characters that can't be sent, e.g. a line break")]
    Key,
    /// So has a header of the profile or the caller.
    #[error("the header '{0}' can't be sent: its name or value holds characters that it must not")]
    Header(String),
    /// This machine can't make secure connections.
    #[error("secure connections can't be set up: {0}")]
    Setup(String),
    /// Nobody listens there.
    #[error("{url} refused the connection")]
    Refused {
        /// Where the request was to go.
        url: String,
    },
    /// No connection came about: an unknown host, no network, a proxy that would not.
    #[error("{url} can't be reached: {reason}")]
    Unreachable {
        /// Where the request was to go.
        url: String,
        /// What the system or the other side said.
        reason: String,
    },
    /// The other side could not prove who it is.
    #[error("{url} is not trusted: {reason}")]
    Untrusted {
        /// Where the request was to go.
        url: String,
        /// What is wrong with its certificate.
        reason: String,
    },
    /// No answer came in time.
    #[error("{url} did not answer in time")]
    Timeout {
        /// Where the request went.
        url: String,
    },
    /// The answer sends elsewhere, where the key does not belong.
    #[error("{url} redirects to {to}, where the key was not sent")]
    Redirect {
        /// Where the request went.
        url: String,
        /// Where it was sent.
        to: String,
    },
    /// The connection ended before the answer did.
    #[error("{url} broke off: {reason}")]
    Interrupted {
        /// Where the request went.
        url: String,
        /// What was seen of it.
        reason: String,
    },
}

impl HttpError {
    /// Sorts `error`, which happened on the way to `url`, a displayed URL.
    pub fn of(error: &reqwest::Error, url: String) -> Self {
        if error.is_timeout() {
            return Self::Timeout { url };
        }
        let mut reason = String::new();
        let mut source: Option<&(dyn Error + 'static)> = error.source();
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                if io.kind() == io::ErrorKind::ConnectionRefused {
                    return Self::Refused { url };
                }
                if let Some(rustls::Error::InvalidCertificate(reason)) = tls_error(io) {
                    return Self::Untrusted { url, reason: sanitized(reason) };
                }
            }
            reason = sanitized(cause);
            source = cause.source();
        }
        if error.is_connect() {
            return Self::Unreachable { url, reason };
        }
        Self::Interrupted { url, reason }
    }
}

/// The error of TLS that an i/o error holds, maybe in another one. What an i/o
/// error holds is none of its sources.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref().or_else(|| tls_error(inner.downcast_ref()?))
}

/// What another program's error says, in one line.
pub(crate) fn sanitized(error: impl ToString) -> String {
    redact::sanitize(&error.to_string(), [])
}
