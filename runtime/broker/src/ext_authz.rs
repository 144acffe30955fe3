//! Answers a proxy that asks which credential a request is to carry: Envoy's external
//! authorization over HTTP.
//!
//! The proxy sends the head of each request here and waits. An answer of 200 lets the request
//! go on, with the headers of the answer put in; any other goes back to the client in its
//! place. So a request never leaves without its credential, and the proxy keeps none.
//!
//! What the provider answers, only the proxy sees. If that is 401, it shows the value that was
//! refused and asks again.

use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Response};

use crate::answer::Content;
use crate::headers::KEY_HEADERS;
use crate::lease::Lease;
use crate::record::Recording;
use crate::refusal::Refusal;
use crate::upstream::Upstream;

/// In what a proxy asks: the value of the header that the provider has refused.
const REFUSED: HeaderName = HeaderName::from_static("x-orchestration-refused");

/// In an answer: the headers that Envoy takes out of the request, separated by commas.
const TO_REMOVE: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

/// What a proxy asks.
pub(crate) struct Question {
    /// What the provider has refused, if the request was sent before.
    refused: Option<HeaderValue>,
}

impl Question {
    /// Returns the question in the headers of a proxy's request.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { refused: headers.get(REFUSED).cloned() }
    }

    /// Returns the answer, with the headers for a request to `upstream`.
    pub(crate) async fn answered(
        self,
        upstream: &Upstream,
        recording: &mut Recording,
    ) -> Result<Response<Content>, Refusal> {
        let mut answer = Response::new(Content::Empty);
        *answer.headers_mut() = self.headers(upstream, recording).await?;
        Ok(answer)
    }

    async fn headers(
        &self,
        upstream: &Upstream,
        recording: &mut Recording,
    ) -> Result<HeaderMap, Refusal> {
        let lease = upstream.lease(recording.started().into_std()).await?;
        let headers = headers(upstream, &lease);
        if !self.is_refused(&headers) {
            return Ok(headers);
        }
        let other = upstream.other_than(&lease).await;
        let profile = || upstream.profile().to_string();
        let other = other.ok_or_else(|| Refusal::KeyRefused { profile: profile() })?;
        recording.renewed();
        Ok(self::headers(upstream, &other))
    }

    /// Returns true if the provider has refused what is in these headers.
    fn is_refused(&self, headers: &HeaderMap) -> bool {
        self.refused.as_ref().is_some_and(|refused| headers.values().any(|value| value == refused))
    }
}

/// Returns the headers with the credential of `lease`.
fn headers(upstream: &Upstream, lease: &Lease) -> HeaderMap {
    let mut headers: HeaderMap = upstream.headers().iter().cloned().collect();
    if let Some((name, value)) = lease.header.clone() {
        headers.insert(name, value);
    }
    // What the client has shown as a key is for the broker.
    let shown = KEY_HEADERS.iter().filter(|name| !headers.contains_key(*name));
    let shown: Vec<String> = shown.map(|name| name.to_string()).collect();
    if let Ok(shown) = HeaderValue::try_from(shown.join(",")) {
        headers.insert(TO_REMOVE, shown);
    }
    headers
}
