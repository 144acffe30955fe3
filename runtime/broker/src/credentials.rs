//! Hands out the credential of a profile as JSON, to programs that fetch it themselves: the
//! webhook of External Secrets, a hook of LiteLLM.
//!
//! Anyone who gets a key here has it, which a broker is there to avoid. So this is off unless it
//! is asked for.

use std::sync::Arc;

use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use orchestration_support::time::rfc3339;
use serde_json::{Map, json};

use crate::answer::{AnswerBody, Content};
use crate::record::Recording;
use crate::refusal::Refusal;
use crate::upstream::Upstream;

/// The version of the document, which is that of `auth token --format json`.
const VERSION: u32 = 1;

/// Returns the credential of `upstream`.
pub(crate) async fn answered(
    upstream: Arc<Upstream>,
    recording: Recording,
) -> Result<Response<AnswerBody>, (Refusal, Recording)> {
    let credentials = match upstream.credentials().await {
        Ok(credentials) => credentials,
        Err(refusal) => return Err((refusal, recording)),
    };
    let values =
        credentials.values().map(|(name, secret)| (name.to_owned(), secret.expose().into()));
    let document = json!({
        "version": VERSION,
        "profile": &**upstream.profile(),
        "values": values.collect::<Map<_, _>>(),
        "expires_at": credentials.expires_at().and_then(rfc3339),
    });
    let content = Content::Whole(document.to_string().into());
    let mut answer = Response::new(AnswerBody::new(content, recording));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}
