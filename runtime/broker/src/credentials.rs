//! Hands out the credential of a profile as JSON, to programs that fetch it themselves: the
//! webhook of External Secrets, a hook of LiteLLM.
//!
//! Anyone who gets a key here has it, which a broker is there to avoid. So this is off unless it
//! is asked for.

use std::time::Instant;

use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::{Response, StatusCode};
use orchestration_sandbox::Credentials;
use orchestration_support::Secret;

use crate::answer::{Content, whole};
use crate::refusal::Refusal;
use crate::upstream::Upstream;

/// Returns the credential of the profile of this name as a document in JSON.
pub(crate) type Document = dyn Fn(&str, &Credentials) -> Secret + Send + Sync;

/// Returns the credential of `upstream`.
pub(crate) async fn answered(
    document: &Document,
    upstream: &Upstream,
) -> Result<Response<Content>, Refusal> {
    let lease = upstream.lease(Instant::now()).await?;
    let document = document(upstream.profile(), &lease.credentials);
    let content = document.expose().to_owned().into();
    let mut answer = whole(StatusCode::OK, "application/json", content);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}
