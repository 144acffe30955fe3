//! Passes one request on to its profile's server, with the credential put in, and the answer
//! back.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version};
use orchestration_egress::HttpError;

use crate::answer::{AnswerBody, Content};
use crate::error_answer::redacted;
use crate::headers::{clean_answer, clean_request};
use crate::lease::Lease;
use crate::location;
use crate::pool::{Lent, Pool};
use crate::record::Recording;
use crate::refusal::Refusal;
use crate::sent::{Kept, SentBody};
use crate::streamed::Streamed;
use crate::upstream::Upstream;

/// A client's request on its way: what is the same if it is sent again.
struct Outgoing {
    pool: Arc<Pool>,
    upstream: Arc<Upstream>,
    kept: Kept,
    method: Method,
    target: Uri,
    headers: HeaderMap,
}

/// The head of a provider's answer, and what it still has to say.
struct Incomplete {
    answer: Response<Incoming>,
    connection: Lent,
    lease: Arc<Lease>,
}

/// Sends the request to `target` of `upstream`, and returns its answer.
pub(crate) async fn forward(
    pool: Arc<Pool>,
    upstream: Arc<Upstream>,
    request: Request<Incoming>,
    target: PathAndQuery,
    mut recording: Recording,
) -> Result<Response<AnswerBody>, (Refusal, Recording)> {
    let (parts, body) = request.into_parts();
    let (body, kept) = SentBody::of(body, upstream.silence());
    let is_empty = matches!(body, SentBody::Empty);
    let outgoing = Outgoing::of(pool, Arc::clone(&upstream), kept, parts, target, is_empty);
    let answered = match outgoing {
        Ok(outgoing) => outgoing.answered(body, &mut recording).await,
        Err(refusal) => Err(refusal),
    };
    match answered {
        Ok(incomplete) => Ok(passed_on(upstream, incomplete, recording).await),
        Err(refusal) => Err((refusal, recording)),
    }
}

impl Outgoing {
    fn of(
        pool: Arc<Pool>,
        upstream: Arc<Upstream>,
        kept: Kept,
        parts: Parts,
        target: PathAndQuery,
        is_empty: bool,
    ) -> Result<Self, Refusal> {
        let mut headers = parts.headers;
        let has_length = headers.contains_key(CONTENT_LENGTH);
        clean_request(&mut headers);
        headers.insert(HOST, upstream.host().clone());
        for (name, value) in upstream.headers() {
            headers.insert(name, value.clone());
        }
        if has_length && is_empty {
            // Some servers want to be told that there is nothing.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let mut target = Uri::from(target);
        if let Some((origin, authorization)) = upstream.connector().forwarded() {
            target = absolute(origin, target).ok_or(Refusal::NotAPath)?;
            if let Some(value) = authorization {
                headers.insert(hyper::header::PROXY_AUTHORIZATION, value.clone());
            }
        }
        Ok(Self { pool, upstream, kept, method: parts.method, target, headers })
    }

    /// Sends the request with the credential. If that is refused and there is another, sends
    /// it once more.
    async fn answered(
        self,
        body: SentBody,
        recording: &mut Recording,
    ) -> Result<Incomplete, Refusal> {
        let lease = self.upstream.lease().await?;
        let first = self.sent(body, &lease).await?;
        if first.0.status() != StatusCode::UNAUTHORIZED {
            return Ok(Incomplete::of(first, lease));
        }
        let Some(other) = self.upstream.other_than(&lease).await else {
            return Ok(Incomplete::of(first, lease));
        };
        recording.renewed();
        // The next request uses the new credential, even if this one can't be sent again.
        let Some(body) = self.kept.again() else {
            return Ok(Incomplete::of(first, lease));
        };
        let second = self.sent(body, &other).await?;
        Ok(Incomplete::of(second, other))
    }

    /// Sends the request with this body and credential, and waits for the head of the answer.
    async fn sent(
        &self,
        body: SentBody,
        lease: &Lease,
    ) -> Result<(Response<Incoming>, Lent), Refusal> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.clone();
        *request.headers_mut() = self.headers.clone();
        if let Some((name, value)) = lease.header.clone() {
            request.headers_mut().insert(name, value);
        }
        self.in_time(request).await.map_err(Refusal::Upstream)
    }

    /// Sends the request, and waits for an answer as long as the server may be silent after
    /// the last of the request was sent.
    async fn in_time(
        &self,
        request: Request<SentBody>,
    ) -> Result<(Response<Incoming>, Lent), HttpError> {
        let mut sending = std::pin::pin!(self.pool.send(&self.upstream, request));
        let mut rest = self.upstream.silence();
        loop {
            if let Ok(answer) = tokio::time::timeout(rest, &mut sending).await {
                return answer;
            }
            rest = self.upstream.silence().saturating_sub(self.kept.idle());
            if rest.is_zero() {
                return Err(self.upstream.connector().late());
            }
        }
    }
}

impl Incomplete {
    fn of((answer, connection): (Response<Incoming>, Lent), lease: Arc<Lease>) -> Self {
        Self { answer, connection, lease }
    }
}

/// Returns the answer as the client gets it.
async fn passed_on(
    upstream: Arc<Upstream>,
    incomplete: Incomplete,
    mut recording: Recording,
) -> Response<AnswerBody> {
    let Incomplete { answer, connection, lease } = incomplete;
    let (mut parts, body) = answer.into_parts();
    clean_answer(&mut parts.headers);
    parts.version = Version::HTTP_11;
    let body = Streamed::new(body, connection, upstream.silence());
    if !parts.status.is_success() {
        location::rewrite(&mut parts.headers, &upstream);
        return redacted(parts, body, &upstream, &lease.credentials, recording).await;
    }
    recording.status(parts.status);
    Response::from_parts(parts, AnswerBody::new(Content::Streamed(body), recording))
}

/// Returns the whole URL of `target`, as a proxy wants it.
fn absolute(origin: &Uri, target: Uri) -> Option<Uri> {
    let mut parts = target.into_parts();
    parts.scheme = origin.scheme().cloned();
    parts.authority = origin.authority().cloned();
    Uri::from_parts(parts).ok()
}
