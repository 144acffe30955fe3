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
    /// The certificate of the server is not trusted. With the reason.
    #[error("{0}")]
    Untrusted(String),
    /// The answer redirects to this URL.
    #[error("redirects to {0}")]
    Redirect(String),
    /// The answer has too many bytes.
    #[error("the answer is too large")]
    TooLarge,
}
