//! Why a request got no answer.

use orchestration_support::url::InvalidUrl;
use orchestration_support::{SystemLimit, redact};

/// Why a request got no answer.
///
/// ```
/// use orchestration_egress::HttpError;
///
/// let error = HttpError::Timeout { url: "https://llm.example".to_owned() };
/// assert_eq!(error.to_string(), "https://llm.example did not answer in time");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The base URL is invalid.
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    /// The host of the base URL still has this placeholder of a preset. Anyone may own
    /// the host of that name.
    #[error("base_url still has the placeholder {0} in its host")]
    Placeholder(String),
    /// The request would carry the key unencrypted.
    #[error("{url} is plain http, which would expose the key on the network")]
    PlainHttp {
        /// The URL of the request.
        url: String,
    },
    /// The key contains characters that no header can carry.
    #[error("the key contains characters that can't be sent, e.g. a line break")]
    Key,
    /// A header of the profile or the caller contains such characters.
    #[error("the header '{0}' can't be sent: its name or value contains invalid characters")]
    Header(String),
    /// A header of the profile or the caller belongs to the connection.
    #[error("the header '{0}' can't be set: the HTTP client sets it for each connection")]
    ConnectionHeader(String),
    /// This machine can't open TLS connections.
    #[error("TLS could not be set up: {0}")]
    Setup(String),
    /// A limit of the system, e.g. on open files, is too low for a connection.
    #[error("{0} is too low for a connection")]
    System(SystemLimit),
    /// The variable that names the proxy does not contain the URL of one. The message
    /// does not repeat it: it may contain a password.
    #[error("{variable} is not the URL of a proxy")]
    ProxyVariable {
        /// The variable.
        variable: &'static str,
    },
    /// The proxy made no connection: it can't be reached, or refused to.
    #[error("{url} can't be reached through the proxy {proxy} ({variable}): {reason}")]
    Proxy {
        /// The URL of the request.
        url: String,
        /// The proxy.
        proxy: String,
        /// The variable that names it.
        variable: &'static str,
        /// The error of the system or the proxy.
        reason: String,
    },
    /// No server listens at this address.
    #[error("{url} refused the connection")]
    Refused {
        /// The URL of the request.
        url: String,
    },
    /// No connection was made: unknown host, no network.
    #[error("{url} can't be reached: {reason}")]
    Unreachable {
        /// The URL of the request.
        url: String,
        /// The error of the system or the server.
        reason: String,
    },
    /// The certificate of the server is not trusted.
    #[error("{url} is not trusted: {reason}")]
    Untrusted {
        /// The URL of the request.
        url: String,
        /// Why the certificate is not trusted.
        reason: String,
    },
    /// The server did not answer in time.
    #[error("{url} did not answer in time")]
    Timeout {
        /// The URL of the request.
        url: String,
    },
    /// The answer redirects to another URL, which must not get the key.
    #[error("{url} redirects to {to}; the key was not sent there")]
    Redirect {
        /// The URL of the request.
        url: String,
        /// The target of the redirect.
        to: String,
    },
    /// The connection ended before the answer did.
    #[error("the connection to {url} was interrupted: {reason}")]
    Interrupted {
        /// The URL of the request.
        url: String,
        /// The error of the connection.
        reason: String,
    },
}

/// Returns the message of a foreign error, sanitized.
pub(crate) fn sanitized(error: impl ToString) -> String {
    redact::sanitize(&error.to_string(), [])
}
