//! One request by async-openai, authorized here.
//!
//! async-openai has retries of its own, but it waits as long as a server asks, cannot
//! renew a key, and logs the server's message, which may repeat the key. So it makes
//! one attempt at a time, through a service that adds the key to the request and turns
//! every answer that is not a stream into a [`CallError`].

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::{OpenAIError, StreamError};
use async_openai::middleware::HttpRequestFactory;
use async_openai::types::chat::CreateChatCompletionRequest;
use futures_util::{Stream, StreamExt};
use orchestration_egress::{self as egress, Endpoint, HttpError, retry_after};
use orchestration_sandbox::Credentials;
use orchestration_support::url::DisplayUrl;
use orchestration_support::{Secret, redact};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Body, Response};
use secrecy::SecretString;

use super::translation::{self, Chunk};
use crate::call_error::{CallError, SentKey};

/// How much is read of an error and of one answer, in bytes: an endless response must
/// not fill the memory.
const ERROR_BYTES: usize = 64 << 10;
const ANSWER_BYTES: usize = 256 << 20;

/// The events of an answer.
pub(super) type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, CallError>> + Send>>;

/// Sends `request` once, with `headers` and the key of `credentials`.
pub(super) async fn attempt(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    credentials: Arc<Credentials>,
    request: &CreateChatCompletionRequest,
) -> Result<Chunks, CallError> {
    let attempt = Arc::new(Attempt {
        endpoint: endpoint.clone(),
        credentials,
        sent: OnceLock::new(),
        broken: OnceLock::new(),
    });
    let config = Wire { endpoint: endpoint.clone(), headers: headers.clone() };
    let service = tower::service_fn({
        let attempt = Arc::clone(&attempt);
        move |request: HttpRequestFactory| {
            let attempt = Arc::clone(&attempt);
            async move { attempt.send(request).await }
        }
    });
    let client = Client::build(endpoint.client().clone(), config).with_http_service(service);
    let chunks = client.chat().create_stream_byot::<_, Chunk>(request).await;
    let chunks = chunks.map_err(|error| attempt.error(error))?;
    Ok(chunks.map(move |chunk| attempt.chunk(chunk)).boxed())
}

/// One request, and why its answer was interrupted.
struct Attempt {
    endpoint: Endpoint,
    credentials: Arc<Credentials>,
    /// What the provider got and may repeat.
    sent: OnceLock<Vec<Secret>>,
    /// Why the answer was interrupted. async-openai keeps only the message of such an
    /// error, but retries depend on its kind.
    broken: OnceLock<HttpError>,
}

impl Attempt {
    async fn send(self: Arc<Self>, request: HttpRequestFactory) -> Result<Response, OpenAIError> {
        let mut request = request.build().await?;
        self.authorize(request.headers_mut()).map_err(boxed)?;
        let _ = self.sent.set(self.endpoint.secrets_in(&request));
        let url = request.url().clone();
        let response = self.endpoint.send(request).await.map_err(boxed)?;
        if !response.status().is_success() {
            return Err(boxed(self.refused(response).await));
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or("nothing");
        if !content_type.trim_start().starts_with("text/event-stream") {
            let content_type = self.sanitized(content_type);
            return Err(boxed(CallError::NotAStream {
                url: DisplayUrl::from(&url).to_string(),
                content_type,
            }));
        }
        Ok(self.watched(response))
    }

    /// Adds the key to the request, unless the profile sets the same header itself.
    fn authorize(&self, headers: &mut HeaderMap) -> Result<(), HttpError> {
        if let Some(key) = self.credentials.key()
            && !headers.contains_key(AUTHORIZATION)
        {
            headers.insert(AUTHORIZATION, egress::bearer(key)?);
        }
        Ok(())
    }

    /// Returns the error that the status of `response` means.
    async fn refused(&self, response: Response) -> CallError {
        let status = response.status().as_u16();
        let url = DisplayUrl::from(response.url()).to_string();
        let retry_after = retry_after(response.headers());
        let body = head(response).await;
        let message = self.sanitized(&translation::error_message(&body));
        match status {
            401 | 403 => CallError::Authentication { url, status, key: self.key(), message },
            429 => CallError::RateLimited { url, retry_after, message },
            _ => CallError::Status { url, status, retry_after, message },
        }
    }

    fn key(&self) -> Box<SentKey> {
        let mask = self.credentials.key().map(Secret::mask).unwrap_or_default();
        Box::new(SentKey { source: self.credentials.source().clone(), mask })
    }

    /// Returns the response with its errors recorded and its length limited.
    fn watched(self: Arc<Self>, response: Response) -> Response {
        let mut read = 0;
        let body = response.bytes_stream().map(move |bytes| {
            let bytes =
                bytes.map_err(|error| self.endpoint.failed(&error, self.endpoint.displayed()));
            let bytes = bytes.and_then(|bytes| {
                read += bytes.len();
                (read <= ANSWER_BYTES).then_some(bytes).ok_or_else(|| HttpError::Interrupted {
                    url: self.endpoint.displayed(),
                    reason: format!("it sent more than {} MiB", ANSWER_BYTES >> 20),
                })
            });
            bytes.map_err(|error| {
                let message = io::Error::other(error.to_string());
                let _ = self.broken.set(error);
                message
            })
        });
        ::http::Response::new(Body::wrap_stream(body)).into()
    }

    fn chunk(&self, chunk: Result<Chunk, OpenAIError>) -> Result<Chunk, CallError> {
        let chunk = chunk.map_err(|error| self.error(error))?;
        match chunk.error() {
            Some(message) => Err(CallError::GaveUp {
                url: self.endpoint.displayed(),
                message: self.sanitized(&message),
            }),
            None => Ok(chunk),
        }
    }

    fn error(&self, error: OpenAIError) -> CallError {
        let url = self.endpoint.displayed();
        match error {
            OpenAIError::Boxed(error) => match error.downcast::<CallError>() {
                Ok(error) => *error,
                Err(error) => {
                    CallError::Malformed { url, reason: self.sanitized(&error.to_string()) }
                }
            },
            OpenAIError::Reqwest(error) => self.endpoint.failed(&error, url).into(),
            OpenAIError::StreamError(error) => match (self.broken.get(), *error) {
                (Some(broken), _) => broken.clone().into(),
                (None, StreamError::EventStream(reason)) => {
                    CallError::Malformed { url, reason: self.sanitized(&reason) }
                }
                (None, StreamError::UnknownEvent(_)) => {
                    CallError::Malformed { url, reason: "an unknown event".to_owned() }
                }
            },
            OpenAIError::JSONDeserialize(error, _) => {
                CallError::Malformed { url, reason: self.sanitized(&error.to_string()) }
            }
            error => CallError::Malformed { url, reason: self.sanitized(&error.to_string()) },
        }
    }

    /// Returns a text of the provider without what it was sent, which it may repeat.
    fn sanitized(&self, text: &str) -> String {
        let secrets = self.credentials.values().map(|(_, secret)| secret);
        let sent = self.sent.get().into_iter().flatten();
        redact::sanitize(text, secrets.chain(sent).map(Secret::expose))
    }
}

/// The URL and headers of every request, in the form that async-openai expects. They
/// don't include the key.
struct Wire {
    endpoint: Endpoint,
    headers: HeaderMap,
}

impl Config for Wire {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        self.endpoint.url(path).into()
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        self.endpoint.base()
    }

    fn api_key(&self) -> &SecretString {
        static NONE: OnceLock<SecretString> = OnceLock::new();
        NONE.get_or_init(SecretString::default)
    }
}

fn boxed(error: impl Into<CallError>) -> OpenAIError {
    OpenAIError::Boxed(Box::new(error.into()))
}

/// Reads the start of the body of an error, as far as it arrives.
async fn head(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut bytes = response.bytes_stream();
    while let Some(Ok(more)) = bytes.next().await {
        body.extend_from_slice(&more);
        if body.len() >= ERROR_BYTES {
            body.truncate(ERROR_BYTES);
            break;
        }
    }
    body
}
