//! Who sends the requests of strategies.

use std::time::Duration;

use async_trait::async_trait;
use orchestration_support::Secret;
use orchestration_support::url::BaseUrl;
use zeroize::Zeroizing;

/// Sends requests, and waits for their answers.
///
/// The sandbox decides which requests are sent, and what a strategy gets to see of their
/// answers. It opens no connection itself: proxies and certificates are the business of
/// the program that runs it, and a conformance suite answers from a script.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request. It follows no redirect. It need not watch the time: if that is up,
    /// the sandbox drops it.
    ///
    /// # Errors
    ///
    /// Fails with the [`HttpFault`] that says why there is no answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, HttpFault>;
}

/// A request that a strategy is granted, complete except for the headers that belong to the
/// connection.
///
/// It has no `Debug`: any part of it may be secret.
#[derive(Clone)]
pub struct HttpRequest {
    /// E.g. `POST`.
    pub method: &'static str,
    /// Its scheme, host and port are those of a granted origin.
    pub url: BaseUrl,
    /// Names and values.
    pub headers: Vec<(String, Secret)>,
    /// The body, if it has one.
    pub body: Option<Secret>,
    /// The most time that it may take.
    pub time: Duration,
    /// The most bytes that the body of its answer may have.
    pub max_answer: usize,
    /// The secrets that are put into it, wherever that is.
    pub secrets: Vec<Secret>,
    /// JSON pointers to what becomes a secret of its answer.
    pub taken: Vec<String>,
}

/// The answer to a request, of any status that is no redirect.
///
/// It has no `Debug`: the body may be secret.
#[derive(Clone)]
pub struct HttpAnswer {
    /// The status, e.g. 200.
    pub status: u16,
    /// The whole body, which is wiped when dropped.
    pub body: Zeroizing<Vec<u8>>,
    /// How long the server wants to be left alone (RFC 9110, 10.2.3), if it says so.
    pub retry_after: Option<Duration>,
}

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpFault {
    /// The server did not answer in time.
    #[error("no answer in time")]
    Timeout,
    /// There is no connection, or not for long enough. With the reason.
    #[error("{0}")]
    Unreachable(String),
    /// No server listens there.
    #[error("connection refused")]
    Refused,
    /// The proxy made no connection. With the reason, which names the proxy.
    #[error("{reason}")]
    Proxy {
        /// The variable that names it.
        variable: &'static str,
        /// The error of the system or the proxy.
        reason: String,
    },
    /// This variable does not name a proxy as it should.
    #[error("{0} is not the URL of a proxy")]
    ProxyVariable(&'static str),
    /// The certificate of the server is not trusted. With the reason.
    #[error("its certificate is not trusted: {0}")]
    Untrusted(String),
    /// The answer redirects to this URL.
    #[error("it redirects to {0}, and no redirect is followed")]
    Redirect(String),
    /// The answer has too many bytes.
    #[error("the answer has more than 64 KiB")]
    TooLarge,
}

impl HttpFault {
    /// Returns the same with every text of a server or the system sanitized.
    pub(crate) fn sanitized(self, text: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Unreachable(reason) => Self::Unreachable(text(&reason)),
            Self::Proxy { variable, reason } => Self::Proxy { variable, reason: text(&reason) },
            Self::Untrusted(reason) => Self::Untrusted(text(&reason)),
            Self::Redirect(to) => Self::Redirect(text(&to)),
            Self::Timeout | Self::Refused | Self::ProxyVariable(_) | Self::TooLarge => self,
        }
    }
}
