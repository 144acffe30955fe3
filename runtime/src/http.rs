//! HTTP as every request that carries a key is made.
//!
//! A key leaks when a request goes elsewhere than to the host it was meant for,
//! or can be read on the way. HTTP clients follow redirects, and go by plain http
//! where a URL says so; both are refused here. An [`Endpoint`] is bound to one
//! origin when it is made, and sends to no other: it follows no redirect, speaks
//! plain http to this machine only, unless the profile says `allow_http`, and
//! finds a proxy in the environment, except for this machine. What it says of an
//! error names the URL without user, query and fragment, which may hold a secret.
//!
//! Nothing is set up before the first [`Endpoint`]: most commands need none.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::{Secret, text};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

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

/// The one place that requests go to. Cheap to clone: the copies share their
/// connections.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    base: Url,
    client: Client,
}

impl Endpoint {
    /// The endpoint at `base_url`. Requests fail when nothing is heard for the
    /// time of `silence`.
    ///
    /// # Errors
    ///
    /// Fails where no key may be sent to this URL, and where this machine can't
    /// make the connections that it needs.
    pub(crate) fn new(
        base_url: &str,
        allow_http: bool,
        silence: Duration,
    ) -> Result<Self, HttpError> {
        let base = Url::parse(base_url).map_err(|reason| HttpError::Url(reason.to_string()))?;
        let here = is_loopback(&base);
        match base.scheme() {
            "https" => {}
            "http" if here || allow_http => {}
            "http" => return Err(HttpError::PlainHttp { url: shown(&base) }),
            _ => return Err(HttpError::Url("it is neither http nor https".to_owned())),
        }
        // Reading the certificates of the system takes milliseconds. Plain http
        // to this machine, past every proxy, never needs them.
        let tls = if here && base.scheme() == "http" { no_tls() } else { system_tls() };
        let builder = Client::builder()
            .tls_backend_preconfigured(tls.map_err(|reason| setup(&reason))?)
            .user_agent(concat!("orchestration/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .read_timeout(silence);
        let builder = if here { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|reason| setup(&reason))?;
        Ok(Self { base, client })
    }

    /// What builds requests. They are sent with [`send`](Self::send).
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// `path`, which begins with `/`, below the base URL. The query of the base
    /// URL stays: that is where some endpoints want their version.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }

    /// The base URL as it is, with all that it may hold.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str()
    }

    /// Whether the host is `domain` or below it.
    pub(crate) fn is_below(&self, domain: &str) -> bool {
        let host = self.base.host_str().unwrap_or_default();
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// The host, with the port where it is not the usual one.
    pub(crate) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The base URL, fit to be shown.
    pub(crate) fn shown(&self) -> String {
        shown(&self.base)
    }

    /// Sends `request` and waits for the head of the answer. Every status but a
    /// redirect is an answer.
    ///
    /// # Errors
    ///
    /// Fails where there is no answer, where the request was meant for another
    /// origin, and where the answer is a redirect.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = shown(request.url());
        if request.url().origin() != self.base.origin() {
            return Err(HttpError::Redirect { url: self.shown(), to: url });
        }
        let response = self.client.execute(request).await;
        let response = response.map_err(|error| HttpError::of(&error, url.clone()))?;
        match response.headers().get(LOCATION) {
            Some(to) if response.status().is_redirection() => {
                let to = to.to_str().ok().and_then(|to| response.url().join(to).ok());
                let to = to.map_or_else(|| "nowhere".to_owned(), |to| shown(&to));
                Err(HttpError::Redirect { url, to })
            }
            _ => Ok(response),
        }
    }
}

impl HttpError {
    /// What to do now, where something can be said.
    pub(crate) fn hint(&self, profile: &str) -> Option<String> {
        let table = format!("[profiles.{profile}]");
        match self {
            Self::Url(_) => Some(format!("set base_url in {table}, e.g. \"https://host/v1\"")),
            Self::PlainHttp { .. } => Some(format!(
                "use https, or set allow_http = true in {table} if the network is yours alone"
            )),
            Self::Setup(_) => Some(
                "install the certificates of the system (ca-certificates), or name a file of them \
                 in SSL_CERT_FILE"
                    .to_owned(),
            ),
            Self::Refused { .. } => Some("is the server running, and on this port?".to_owned()),
            Self::Untrusted { .. } => Some(
                "if its certificate is your own, name a file with the one that signed it in \
                 SSL_CERT_FILE"
                    .to_owned(),
            ),
            Self::Timeout { .. } => {
                Some(format!("timeout_seconds in {table} says how long to wait"))
            }
            Self::Redirect { .. } => {
                Some(format!("if that is the right place, name it as base_url in {table}"))
            }
            Self::Key => Some("set the key again, without blanks around it".to_owned()),
            Self::Header(_) | Self::Unreachable { .. } | Self::Interrupted { .. } => None,
        }
    }

    /// The kind that `error` amounts to, which happened on the way to `url`, a
    /// URL fit to be shown.
    pub(crate) fn of(error: &reqwest::Error, url: String) -> Self {
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
                    return Self::Untrusted { url, reason: presentable(reason) };
                }
            }
            reason = presentable(cause);
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

/// `Bearer` and the key, as the header `Authorization` has it.
///
/// # Errors
///
/// Fails where the key holds what no header can carry.
pub(crate) fn bearer(key: &Secret) -> Result<HeaderValue, HttpError> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose()));
    secret_value(&text).ok_or(HttpError::Key)
}

/// A header with a value that logs don't show.
///
/// # Errors
///
/// Fails where name or value hold what no header can carry.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), HttpError> {
    let pair = name.parse().ok().zip(secret_value(value));
    pair.ok_or_else(|| HttpError::Header(text::presentable(name, [])))
}

fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether the host is this machine, by the rule that the strategy `api_key`
/// has for endpoints that need no key.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The URL without what may be secret in it.
pub(crate) fn shown(url: &Url) -> String {
    let path = if url.path() == "/" { "" } else { url.path() };
    format!("{}{path}", url.origin().ascii_serialization())
}

fn system_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_versions()?.with_platform_verifier()?.with_no_client_auth())
}

/// Trusts nobody.
fn no_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn tls_versions()
-> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

fn setup(reason: &dyn Error) -> HttpError {
    HttpError::Setup(presentable(reason))
}

/// What another program's error says, in one line.
fn presentable(error: impl ToString) -> String {
    text::presentable(&error.to_string(), [])
}
