//! What stands between an agent and its provider's host: the key, retries, and
//! what is made of each answer's status.
//!
//! async-openai would retry by itself, but waits as long as a server wants it to,
//! knows of no key that can be renewed, and logs what a server says, which may
//! repeat the key. So it is given one attempt at a time, as a service that puts
//! the key on the request and turns every answer that is no stream into a
//! [`CallError`].

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::{OpenAIError, StreamError};
use async_openai::middleware::HttpRequestFactory;
use async_openai::types::chat::CreateChatCompletionRequest;
use futures_util::{Stream, StreamExt};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Body, Response};
use secrecy::SecretString;

use super::translation::{self, Chunk};
use crate::http::{self, Endpoint};
use crate::providers::CallError;
use crate::providers::error::SentKey;
use crate::{AuthStrategy, Credentials, HttpError, ProviderError, Secret, Source, text};

/// How often a call is tried again after it failed in a way that may pass.
const RETRIES: u32 = 3;

/// How long the first retry waits; every further one waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest that a server may make a call wait before its retry. Beyond this
/// it is better to say so.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The most that is read of an error, and of one whole answer, in bytes: a server
/// that never ends must not fill the memory.
const ERROR_BYTES: usize = 64 << 10;
const ANSWER_BYTES: usize = 256 << 20;

/// One agent's way to its provider.
pub(super) struct Connection {
    profile: String,
    endpoint: Endpoint,
    headers: HeaderMap,
    strategy: Box<dyn AuthStrategy>,
    credentials: Mutex<Arc<Credentials>>,
}

/// The events of an answer.
pub(super) type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, CallError>> + Send>>;

impl Connection {
    /// The way to `endpoint` with the credential that `strategy` has for
    /// `profile`, and `headers` on every request.
    pub(super) async fn new(
        profile: String,
        endpoint: Endpoint,
        headers: HeaderMap,
        strategy: Box<dyn AuthStrategy>,
    ) -> Result<Self, ProviderError> {
        let credentials = Mutex::new(Arc::new(obtain(&*strategy).await?));
        Ok(Self { profile, endpoint, headers, strategy, credentials })
    }

    /// Where requests go, fit to be shown.
    pub(super) fn shown(&self) -> String {
        self.endpoint.shown()
    }

    /// Where its credential came from.
    pub(super) fn source(&self) -> Source {
        self.credentials().source().clone()
    }

    /// The error of a call, with the profile that it was made for.
    pub(super) fn failed(&self, error: CallError) -> ProviderError {
        ProviderError::Call { profile: self.profile.clone(), error: Box::new(error) }
    }

    /// Sends `request` and waits until an answer begins. What fails in a way
    /// that may pass is tried again; a key that is not taken is renewed, once.
    pub(super) async fn ask(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Chunks, ProviderError> {
        if self.credentials().has_expired(SystemTime::now()) {
            self.renew().await?;
        }
        let mut renewed = false;
        let mut retries = 0;
        loop {
            let error = match self.attempt(request).await {
                Ok(chunks) => return Ok(chunks),
                Err(error) => error,
            };
            if !renewed && matches!(error, CallError::Authentication { status: 401, .. }) {
                renewed = true;
                self.renew().await?;
                continue;
            }
            match pause(&error, retries) {
                Some(pause) if retries < RETRIES => {
                    let reason = error.to_string();
                    tracing::warn!(reason, "trying again in {} ms", pause.as_millis());
                    retries += 1;
                    tokio::time::sleep(pause).await;
                }
                _ => return Err(self.failed(error)),
            }
        }
    }

    async fn renew(&self) -> Result<(), ProviderError> {
        let credentials = Arc::new(obtain(&*self.strategy).await?);
        *self.credentials.lock().unwrap_or_else(PoisonError::into_inner) = credentials;
        Ok(())
    }

    fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.credentials.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn attempt(&self, request: &CreateChatCompletionRequest) -> Result<Chunks, CallError> {
        let attempt = Arc::new(Attempt {
            endpoint: self.endpoint.clone(),
            credentials: self.credentials(),
            broken: OnceLock::new(),
        });
        let config = Wire { endpoint: self.endpoint.clone(), headers: self.headers.clone() };
        let service = tower::service_fn({
            let attempt = Arc::clone(&attempt);
            move |request: HttpRequestFactory| {
                let attempt = Arc::clone(&attempt);
                async move { attempt.send(request).await }
            }
        });
        let client =
            Client::build(self.endpoint.client().clone(), config).with_http_service(service);
        let chunks = client.chat().create_stream_byot::<_, Chunk>(request).await;
        let chunks = chunks.map_err(|error| attempt.error(error))?;
        Ok(chunks.map(move |chunk| attempt.chunk(chunk)).boxed())
    }
}

/// Renews the credential where that is needed, and gets it.
async fn obtain(strategy: &dyn AuthStrategy) -> Result<Credentials, ProviderError> {
    strategy.refresh_if_needed().await?;
    strategy.get_credentials().await
}

/// One request, and what came of it.
struct Attempt {
    endpoint: Endpoint,
    credentials: Arc<Credentials>,
    /// Why the answer broke off. async-openai keeps of such an error its words
    /// alone, and the kind is what matters.
    broken: OnceLock<HttpError>,
}

impl Attempt {
    async fn send(self: Arc<Self>, request: HttpRequestFactory) -> Result<Response, OpenAIError> {
        let mut request = request.build().await?;
        self.authorize(request.headers_mut()).map_err(boxed)?;
        let url = request.url().clone();
        let response = self.endpoint.send(request).await.map_err(boxed)?;
        if !response.status().is_success() {
            return Err(boxed(self.refused(response).await));
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or("nothing");
        if !content_type.trim_start().starts_with("text/event-stream") {
            let content_type = text::presentable(content_type, []);
            return Err(boxed(CallError::NotAStream { url: http::shown(&url), content_type }));
        }
        Ok(self.watched(response))
    }

    /// Puts the key on the request, unless the profile has a header of its own
    /// in that place.
    fn authorize(&self, headers: &mut HeaderMap) -> Result<(), HttpError> {
        if let Some(key) = self.credentials.key()
            && !headers.contains_key(AUTHORIZATION)
        {
            headers.insert(AUTHORIZATION, http::bearer(key)?);
        }
        Ok(())
    }

    /// What the status of `response` means.
    async fn refused(&self, response: Response) -> CallError {
        let status = response.status().as_u16();
        let url = http::shown(response.url());
        let retry_after = retry_after(response.headers());
        let body = head(response).await;
        let message = self.presentable(&translation::error_message(&body));
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

    /// The same response, of which errors are kept and no more is read than an
    /// answer may have.
    fn watched(self: Arc<Self>, response: Response) -> Response {
        let mut read = 0;
        let body = response.bytes_stream().map(move |bytes| {
            let bytes = bytes.map_err(|error| HttpError::of(&error, self.endpoint.shown()));
            let bytes = bytes.and_then(|bytes| {
                read += bytes.len();
                (read <= ANSWER_BYTES).then_some(bytes).ok_or_else(|| HttpError::Interrupted {
                    url: self.endpoint.shown(),
                    reason: format!("it sent more than {} MiB", ANSWER_BYTES >> 20),
                })
            });
            bytes.map_err(|error| {
                let said = io::Error::other(error.to_string());
                let _ = self.broken.set(error);
                said
            })
        });
        ::http::Response::new(Body::wrap_stream(body)).into()
    }

    fn chunk(&self, chunk: Result<Chunk, OpenAIError>) -> Result<Chunk, CallError> {
        let chunk = chunk.map_err(|error| self.error(error))?;
        match chunk.error() {
            Some(message) => Err(CallError::GaveUp {
                url: self.endpoint.shown(),
                message: self.presentable(&message),
            }),
            None => Ok(chunk),
        }
    }

    fn error(&self, error: OpenAIError) -> CallError {
        let url = self.endpoint.shown();
        match error {
            OpenAIError::Boxed(error) => match error.downcast::<CallError>() {
                Ok(error) => *error,
                Err(error) => {
                    CallError::Malformed { url, reason: self.presentable(&error.to_string()) }
                }
            },
            OpenAIError::Reqwest(error) => HttpError::of(&error, url).into(),
            OpenAIError::StreamError(error) => match (self.broken.get(), *error) {
                (Some(broken), _) => broken.clone().into(),
                (None, StreamError::EventStream(reason)) => {
                    CallError::Malformed { url, reason: self.presentable(&reason) }
                }
                (None, StreamError::UnknownEvent(_)) => {
                    CallError::Malformed { url, reason: "an unknown event".to_owned() }
                }
            },
            OpenAIError::JSONDeserialize(error, _) => {
                CallError::Malformed { url, reason: self.presentable(&error.to_string()) }
            }
            error => CallError::Malformed { url, reason: self.presentable(&error.to_string()) },
        }
    }

    /// What the provider says, without the key that it may repeat.
    fn presentable(&self, text: &str) -> String {
        text::presentable(text, self.credentials.values().map(|(_, secret)| secret.expose()))
    }
}

/// Where requests go and what they all carry, as async-openai asks for it. The
/// key is not among it.
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

/// How long to wait before a call that ended in `error` is tried again; none
/// where that would not help, or is further away than somebody waits for.
fn pause(error: &CallError, retries: u32) -> Option<Duration> {
    let asked = match error {
        CallError::RateLimited { retry_after, .. } => *retry_after,
        CallError::Status { status: 500.., retry_after, .. } => *retry_after,
        CallError::Http(
            HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::Interrupted { .. },
        ) => None,
        _ => return None,
    };
    match asked {
        Some(time) => Some(time).filter(|time| *time <= LONGEST_PAUSE),
        // Many agents that failed at once are not to come back at once.
        None => Some((FIRST_PAUSE * 2_u32.pow(retries)).mul_f64(0.5 + fastrand::f64() / 2.0)),
    }
}

/// `Retry-After`, which is a number of seconds or a date (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            Some(date.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}

/// The start of a body that is an error, as far as it comes.
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
