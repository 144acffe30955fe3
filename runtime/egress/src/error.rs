//! Why a request got no answer.

use std::error::Error;
use std::io;

use orchestration_support::url::InvalidUrl;
use orchestration_support::{SystemLimit, redact};

use crate::proxy::Proxy;

/// The files that looking up a host opens. Without them the lookup says that there is
/// no such host.
const LOOKUP_FILES: usize = 4;

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

impl HttpError {
    /// Returns the kind of `error`. `url` is the URL of the request as displayed, and
    /// `proxy` the proxy that it took.
    pub(crate) fn of(error: &reqwest::Error, url: String, proxy: Option<&Proxy>) -> Self {
        if error.is_timeout() && error.is_connect() && proxy.is_some() {
            return Self::unconnected(url, proxy, "no connection in time".to_owned());
        }
        if error.is_timeout() {
            return Self::Timeout { url };
        }
        let mut reason = String::new();
        let mut source: Option<&(dyn Error + 'static)> = error.source();
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                if let Some(limit) = SystemLimit::behind(io) {
                    return Self::System(limit);
                }
                if io.kind() == io::ErrorKind::ConnectionRefused {
                    return match proxy {
                        None => Self::Refused { url },
                        proxy => Self::unconnected(url, proxy, "connection refused".to_owned()),
                    };
                }
                if let Some(rustls::Error::InvalidCertificate(reason)) = tls_error(io) {
                    return Self::Untrusted { url, reason: sanitized(reason) };
                }
            }
            reason = sanitized(cause);
            source = cause.source();
        }
        if error.is_connect() {
            if let Err(limit) = SystemLimit::check_open_files(LOOKUP_FILES) {
                return Self::System(limit);
            }
            return Self::unconnected(url, proxy, reason);
        }
        Self::Interrupted { url, reason }
    }

    fn unconnected(url: String, proxy: Option<&Proxy>, reason: String) -> Self {
        match proxy {
            None => Self::Unreachable { url, reason },
            Some(proxy) => {
                let (variable, proxy) = (proxy.variable(), proxy.displayed());
                Self::Proxy { url, proxy, variable, reason }
            }
        }
    }
}

/// Returns the TLS error inside an I/O error, which may be nested in further I/O errors.
/// `source()` does not return the error inside, so `get_ref` has to.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref().or_else(|| tls_error(inner.downcast_ref()?))
}

/// Returns the message of a foreign error, sanitized.
pub(crate) fn sanitized(error: impl ToString) -> String {
    redact::sanitize(&error.to_string(), [])
}
