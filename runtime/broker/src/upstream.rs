//! The server of one profile: where its requests go, and with what.
//!
//! What is the same for all requests is worked out once.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use orchestration_auth::{AuthStrategy, ProviderProfile, Registry, Scope};
use orchestration_egress::{self as egress, Connection, Connector, HttpError};
use orchestration_sandbox::Credentials;
use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, url_secrets};

use crate::credential_status::{Attempts, CredentialStatus};
use crate::error::UpstreamError;
use crate::lease::{Lease, Newest};
use crate::rarely::rarely;
use crate::refusal::Refusal;
use crate::target::Base;

/// The server of one profile.
pub struct Upstream {
    id: u64,
    profile: Arc<str>,
    base: Base,
    scheme: &'static str,
    host: HeaderValue,
    /// The headers that every request carries.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The header that carries the key; `None` if the profile sets it itself.
    key: Option<KeyHeader>,
    /// What the server is sent and may repeat, apart from the credential.
    secrets: Vec<Secret>,
    strategy: Box<dyn AuthStrategy>,
    lease: Newest,
    attempts: Attempts,
    registry: Registry,
    connector: Connector,
    silence: Duration,
}

/// How the server wants the key.
enum KeyHeader {
    Bearer,
    Bare(HeaderName),
}

impl Upstream {
    /// Returns the server of `profile`, with the credential that `registry` finds for it.
    /// Nothing is asked of either yet.
    ///
    /// # Errors
    ///
    /// Fails with [`UpstreamError`] if the profile has no base URL, or one that its key must
    /// not go to, or if no strategy serves it.
    pub async fn new(
        profile: &ProviderProfile,
        registry: &Registry,
    ) -> Result<Self, UpstreamError> {
        let url = profile.effective_base_url().ok_or(UpstreamError::NoBaseUrl)?;
        let strategy = registry.bind(profile.clone(), None, Scope::OwnCredential)?;
        let keyless = profile.auth_type == orchestration_auth::NO_AUTH_TYPE;
        let connector =
            Connector::new(&url, profile.allows_plain_http(!keyless), profile.timeout).await?;
        let mut headers = Vec::new();
        for (name, value) in profile.headers.iter() {
            headers.push(egress::header(name, value)?);
        }
        let key = match profile.bare_key_header() {
            None => KeyHeader::Bearer,
            Some(name) => {
                let name = name.parse().map_err(|_| HttpError::Header(name.to_owned()))?;
                KeyHeader::Bare(name)
            }
        };
        let is_set = |name: &HeaderName| headers.iter().any(|(set, _)| set == name);
        let key = Some(key).filter(|key| !is_set(key.name()));
        if let Some(user) = user_of(&url).filter(|_| !is_set(&AUTHORIZATION)) {
            headers.push((AUTHORIZATION, user));
        }
        let mut secrets = url_secrets(url.expose());
        let texts = headers.iter().filter_map(|(_, value)| value.to_str().ok());
        secrets.extend(texts.map(Secret::from));
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Ok(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            profile: profile.name.as_str().into(),
            base: Base::of(&url),
            scheme: if url.expose().scheme() == "https" { "https" } else { "http" },
            host: host_of(&url)?,
            headers,
            key,
            secrets,
            strategy,
            lease: Newest::default(),
            attempts: Attempts::default(),
            registry: registry.clone(),
            connector,
            silence: profile.silence(),
        })
    }

    /// Returns the name of the profile.
    pub fn profile(&self) -> &Arc<str> {
        &self.profile
    }

    /// Returns a number that no other upstream of this process has.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn base(&self) -> &Base {
        &self.base
    }

    /// Returns the scheme of the base URL.
    pub(crate) fn scheme(&self) -> &str {
        self.scheme
    }

    /// Returns the scheme and the host, for people.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, String::from_utf8_lossy(self.host.as_bytes()))
    }

    /// Returns the value of the header `Host`.
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// Returns the headers that every request carries.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Returns how long the server may be silent.
    pub(crate) fn silence(&self) -> Duration {
        self.silence
    }

    /// Returns the credential as it is `now`.
    pub(crate) async fn lease(&self, now: Instant) -> Result<Arc<Lease>, Refusal> {
        match self.lease.good(now) {
            Some(lease) => Ok(lease),
            None => rarely(self.obtained(now)).await,
        }
    }

    /// Asks the strategy for the credential, at `since`.
    async fn obtained(&self, since: Instant) -> Result<Arc<Lease>, Refusal> {
        match self.strategy.obtain(Duration::ZERO).await {
            Ok(credentials) => {
                self.attempts.found();
                self.leased(credentials, since).map_err(Refusal::Upstream)
            }
            Err(error) => {
                self.attempts.failed(&error);
                let profile = self.profile.to_string();
                Err(Refusal::Credential { profile, error: Box::new(error) })
            }
        }
    }

    /// Returns what is known of the credential, without asking for it.
    pub(crate) fn credential_status(&self) -> CredentialStatus {
        self.attempts.status(self.strategy.lease())
    }

    /// Returns the credential that replaces a refused one; `None` if there is no other.
    pub(crate) async fn other_than(&self, refused: &Lease) -> Option<Arc<Lease>> {
        let since = Instant::now();
        let failed = |reason: &dyn Display| {
            let profile = &*self.profile;
            tracing::info!(%reason, profile, "a refused credential was not replaced");
        };
        let found = self.strategy.obtain_instead_of(&refused.credentials).await;
        let other = self.leased(found.map_err(|error| failed(&error)).ok()?, since);
        let other = other.map_err(|error| failed(&error)).ok()?;
        let [new, old] =
            [&*other, refused].map(|lease| lease.credentials.key().map(Secret::expose));
        (new != old).then_some(other)
    }

    /// Returns the lease of `credentials`, for which the strategy was asked at `since`.
    fn leased(&self, credentials: Credentials, since: Instant) -> Result<Arc<Lease>, HttpError> {
        let header = self.key_header(&credentials)?;
        let lease = Arc::new(Lease { credentials, header, since });
        self.lease.keep(&lease);
        Ok(lease)
    }

    /// Returns the header that carries the key of `credentials`; `None` if there is no key, or
    /// if the profile sets that header itself.
    fn key_header(
        &self,
        credentials: &Credentials,
    ) -> Result<Option<(HeaderName, HeaderValue)>, HttpError> {
        let Some((header, key)) = self.key.as_ref().zip(credentials.key()) else {
            return Ok(None);
        };
        let value = match header {
            KeyHeader::Bearer => egress::bearer(key)?,
            KeyHeader::Bare(_) => egress::bare(key)?,
        };
        Ok(Some((header.name().clone(), value)))
    }

    /// Returns what the server is sent with `credentials` and may repeat.
    pub(crate) fn secrets<'a>(
        &'a self,
        credentials: &'a Credentials,
    ) -> impl Iterator<Item = &'a str> {
        let own = credentials.values().map(|(_, secret)| secret);
        own.chain(&self.secrets).map(Secret::expose)
    }

    /// Waits for the renewals of credentials that go on.
    pub(crate) async fn finish_renewals(&self) {
        self.registry.finish_renewals().await;
    }

    /// Opens a connection to the server.
    pub(crate) async fn connect(&self) -> Result<Connection, HttpError> {
        self.connector.connect().await
    }

    /// Returns what decides how requests are written.
    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Returns why a request got no answer.
    pub(crate) fn failed(&self, error: &hyper::Error) -> HttpError {
        self.connector.failed(error)
    }
}

impl KeyHeader {
    fn name(&self) -> &HeaderName {
        match self {
            Self::Bearer => &AUTHORIZATION,
            Self::Bare(name) => name,
        }
    }
}

/// Returns the value of the header `Host` for requests to `url`.
fn host_of(url: &BaseUrl) -> Result<HeaderValue, HttpError> {
    let host = url.expose().host_str().unwrap_or_default();
    let host = match url.expose().port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    HeaderValue::try_from(host).map_err(|_| HttpError::Header("Host".to_owned()))
}

/// Returns the header for the user and the password in `url`, which a key may replace.
fn user_of(url: &BaseUrl) -> Option<HeaderValue> {
    let url = url.expose();
    let decoded = |text: &str| {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        Secret::from(&*decoded)
    };
    let is_set = !url.username().is_empty() || url.password().is_some();
    is_set.then(|| {
        egress::basic(&decoded(url.username()), &decoded(url.password().unwrap_or_default()))
    })
}
