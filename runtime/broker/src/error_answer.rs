//! Takes the key out of a provider's error answer.
//!
//! Providers repeat the key that they refuse, whole or in part, in the message, and proxies
//! in front of them whole requests. The client was never to see it. So an answer that is not
//! a success is read whole, up to a limit, and searched before it is passed on.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::Response;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRAILER};
use orchestration_sandbox::Credentials;
use orchestration_support::redact::{hide, repeats_secret};

use crate::answer::Content;
use crate::limits::ERROR_BYTES;
use crate::record::Recording;
use crate::refusal::Refusal;
use crate::streamed::Streamed;
use crate::upstream::Upstream;

/// Returns the answer without what the provider repeats of the credential.
pub(crate) async fn redacted(
    answer: Response<Streamed>,
    upstream: &Upstream,
    credentials: &Credentials,
    recording: &mut Recording,
) -> Response<Content> {
    let (mut parts, body) = answer.into_parts();
    let has_body = !http_body::Body::is_end_stream(&body);
    let is_encoded = parts
        .headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let read = if has_body && !is_encoded { head(body).await } else { Bytes::new() };
    let secrets: Vec<&str> = upstream.secrets(credentials).collect();
    redact_headers(&mut parts.headers, &secrets);
    let readable = redacted_body(read, &secrets).filter(|_| !is_encoded);
    let content = readable.unwrap_or_else(|| {
        let refusal = Refusal::Unreadable { status: parts.status };
        recording.refused(&refusal);
        refusal.body()
    });
    if has_body {
        parts.headers.remove(CONTENT_ENCODING);
        // It is another one now, and sent whole.
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(TRAILER);
    }
    let content = if content.is_empty() { Content::Empty } else { Content::Whole(content) };
    Response::from_parts(parts, content)
}

/// Returns the start of a body, as far as it arrives.
async fn head(mut body: Streamed) -> Bytes {
    let mut read = BytesMut::new();
    while read.len() < ERROR_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Some(data) = frame.data_ref() {
            let room = ERROR_BYTES - read.len();
            read.extend_from_slice(data.get(..room).unwrap_or(data));
        }
    }
    read.freeze()
}

/// Returns the body without `secrets`; `None` if one of them is left in a form that can't be
/// taken out.
fn redacted_body(body: Bytes, secrets: &[&str]) -> Option<Bytes> {
    let text = String::from_utf8_lossy(&body);
    let hidden = hide(&text, secrets.iter().copied());
    if repeats_secret(&hidden, secrets.iter().copied()) {
        return None;
    }
    let is_as_it_was = hidden == text;
    Some(if is_as_it_was { body } else { hidden.into() })
}

/// Hides `secrets` in the headers.
fn redact_headers(headers: &mut HeaderMap, secrets: &[&str]) {
    for value in headers.values_mut() {
        let text = String::from_utf8_lossy(value.as_bytes());
        let hidden = hide(&text, secrets.iter().copied());
        if hidden != text {
            *value = HeaderValue::try_from(hidden).unwrap_or(HeaderValue::from_static("***"));
        }
    }
}
