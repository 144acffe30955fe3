//! Passes one request on to its profile's server, with the credential put in, and the answer
//! back.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version};

use crate::answer::Content;
use crate::error_answer::redacted;
use crate::headers::{clean_answer, of_request};
use crate::lease::Lease;
use crate::location;
use crate::pool::{Lent, Pool};
use crate::rarely::rarely;
use crate::record::Recording;
use crate::refusal::Refusal;
use crate::sent::{Kept, SentBody};
use crate::streamed::Streamed;
use crate::upstream::Upstream;

/// How many headers the broker adds to most requests, besides those that it replaces.
const OWN_HEADERS: usize = 2;

/// A client's request on its way: what it is made of each time that it is sent.
struct Outgoing<'a> {
    pool: &'a Rc<Pool>,
    upstream: &'a Upstream,
    kept: Kept,
    method: Method,
    target: Uri,
    /// Those of the client.
    headers: HeaderMap,
    is_empty: bool,
}

/// The head of a provider's answer, and what it still has to say.
struct Incomplete {
    answer: Response<Streamed>,
    lease: Arc<Lease>,
}

/// Sends the request to `target` of `upstream`, and returns its answer.
pub(crate) async fn forward(
    pool: &Rc<Pool>,
    upstream: &Upstream,
    request: Request<Incoming>,
    target: PathAndQuery,
    recording: &mut Recording,
) -> Result<Response<Content>, Refusal> {
    let (parts, body) = request.into_parts();
    let kept = Kept::since(recording.started());
    let body = SentBody::of(body, parts.version, &kept, upstream.silence());
    let is_empty = matches!(body, SentBody::Empty);
    let target = target_of(upstream, target)?;
    let Parts { method, headers, .. } = parts;
    let outgoing = Outgoing { pool, upstream, kept, method, target, headers, is_empty };
    let incomplete = outgoing.answered(body, recording).await?;
    Ok(passed_on(upstream, incomplete, recording).await)
}

impl Outgoing<'_> {
    /// Sends the request with the credential. If that is refused and there is another, sends
    /// it once more.
    async fn answered(
        &self,
        body: SentBody,
        recording: &mut Recording,
    ) -> Result<Incomplete, Refusal> {
        let lease = self.upstream.lease(recording.started().into_std()).await?;
        let first = self.sent(body, lease).await?;
        if first.answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(first);
        }
        rarely(self.answered_again(first, recording)).await
    }

    /// Sends the request once more, if there is another credential than that of `first`.
    async fn answered_again(
        &self,
        first: Incomplete,
        recording: &mut Recording,
    ) -> Result<Incomplete, Refusal> {
        let Some(other) = self.upstream.other_than(&first.lease).await else {
            return Ok(first);
        };
        recording.renewed();
        // The next request uses the new credential, even if this one can't be sent again.
        let Some(body) = self.kept.again() else {
            return Ok(first);
        };
        self.sent(body, other).await
    }

    /// Sends the request with this body and credential on an idle connection or a new one, and
    /// waits for the head of the answer. An idle one that turns out to be closed is replaced, as
    /// long as nothing of the request was sent on it.
    async fn sent(&self, body: SentBody, lease: Arc<Lease>) -> Result<Incomplete, Refusal> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.clone();
        *request.headers_mut() = self.headers(&lease);
        self.kept.begins();
        loop {
            let idle = self.pool.lend(self.upstream);
            let was_idle = idle.is_some();
            let mut connection = match idle {
                Some(connection) => connection,
                None => {
                    rarely(Lent::new(self.pool, self.upstream)).await.map_err(Refusal::Upstream)?
                }
            };
            match self.answered_in_time(&mut connection, request).await {
                Some(Ok(answer)) => {
                    let answer = answer.map(|body| Streamed::new(body, connection));
                    return Ok(Incomplete { answer, lease });
                }
                Some(Err(error)) => request = self.unsent(error, was_idle)?,
                None => return Err(Refusal::Upstream(self.upstream.connector().late())),
            }
        }
    }

    /// Sends the request, and waits for the head of the answer as long as the server may be silent
    /// after the last of the request was sent; `None` if it is for longer.
    fn answered_in_time(
        &self,
        connection: &mut Lent,
        request: Request<SentBody>,
    ) -> impl Future<Output = Option<Result<Response<Incoming>, TrySendError<Request<SentBody>>>>>
    {
        let (sender, silence) = connection.parts();
        let answer = sender.try_send_request(request);
        async move {
            let mut answer = pin!(answer);
            poll_fn(|context| match answer.as_mut().poll(context) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if silence.is_over(self.kept.last(), context) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            })
            .await
        }
    }

    /// Returns the request that is to be sent on another connection, if nothing of it was sent on
    /// one that had been idle.
    #[cold]
    fn unsent(
        &self,
        mut error: TrySendError<Request<SentBody>>,
        was_idle: bool,
    ) -> Result<Request<SentBody>, Refusal> {
        let request = error.take_message().filter(|_| was_idle);
        request.ok_or_else(|| Refusal::Upstream(self.upstream.failed(&error.into_error())))
    }

    /// Returns the headers of the request, with the credential.
    fn headers(&self, lease: &Lease) -> HeaderMap {
        let upstream = self.upstream;
        let mut headers = of_request(&self.headers, upstream.headers().len() + OWN_HEADERS);
        headers.insert(HOST, upstream.host().clone());
        for (name, value) in upstream.headers() {
            headers.insert(name, value.clone());
        }
        if self.is_empty && self.headers.contains_key(CONTENT_LENGTH) {
            // Some servers want to be told that there is nothing.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some((_, Some(value))) = upstream.connector().forwarded() {
            headers.insert(PROXY_AUTHORIZATION, value.clone());
        }
        if let Some((name, value)) = lease.header.clone() {
            headers.insert(name, value);
        }
        headers
    }
}

/// Returns the answer as the client gets it.
async fn passed_on(
    upstream: &Upstream,
    incomplete: Incomplete,
    recording: &mut Recording,
) -> Response<Content> {
    let Incomplete { mut answer, lease } = incomplete;
    clean_answer(answer.headers_mut());
    *answer.version_mut() = Version::HTTP_11;
    if answer.status().is_success() {
        return answer.map(Content::Streamed);
    }
    location::rewrite(answer.headers_mut(), upstream);
    rarely(redacted(answer, upstream, &lease.credentials, recording)).await
}

/// Returns `target` as the request line has it: a proxy wants the whole URL.
fn target_of(upstream: &Upstream, target: PathAndQuery) -> Result<Uri, Refusal> {
    let Some((origin, _)) = upstream.connector().forwarded() else { return Ok(target.into()) };
    let mut parts = origin.clone().into_parts();
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).map_err(|_| Refusal::NotAPath)
}
