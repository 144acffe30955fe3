//! Puts the question to the provider and reads its answer.

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};

use orchestration_egress::{self as egress, Endpoint, HttpError};
use orchestration_sandbox::Credentials;
use orchestration_support::{Secret, redact};

use super::answer::meaning;
use super::probe::Probe;
use super::verdict::{Inconclusive, Rejection, Verdict};
use crate::catalogue::{Meaning, has_placeholder};
use crate::profile::ProviderProfile;

/// How long a provider may take to answer, unless the profile's timeout is shorter.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer is read, in bytes. The longest known answers are lists of a
/// few hundred models.
const ANSWER_BYTES: usize = 4 << 20;

/// Asks the provider of `profile` whether it accepts `credentials`.
///
/// It waits at most ten seconds, or the profile's timeout if that is shorter, and
/// never blocks its thread. It needs a tokio runtime with timer and I/O enabled.
///
/// ```
/// use orchestration_auth::{AuthStrategy, ProvidersToml, Registry, Scope, Verdict, verify};
/// use orchestration_sandbox::Environment;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let registry = Registry::built_in(Environment::Fixed([].into()))?;
/// let providers = ProvidersToml::built_in();
/// let local = providers.profile("local")?;
/// let strategy = registry.bind(local.as_ref().clone(), None, Scope::OwnCredential)?;
/// let credentials = strategy.get_credentials().await?;
///
/// // A server on this machine needs no key, so no request is sent.
/// assert_eq!(verify(local, &credentials).await, Verdict::NotRequired);
/// # Ok(())
/// # })
/// # }
/// ```
pub async fn verify(profile: &ProviderProfile, credentials: &Credentials) -> Verdict {
    let Some(key) = credentials.key() else {
        return Verdict::NotRequired;
    };
    let Some(probe) = Probe::of(profile) else {
        return Verdict::Inconclusive(Inconclusive::NoProbe { provider: profile.provider.clone() });
    };
    if has_placeholder(&probe.base_url) {
        let error = HttpError::Url("it has a placeholder for the host".to_owned());
        return Verdict::Inconclusive(Inconclusive::NotAsked(error));
    }
    let patience = profile.timeout.min(PATIENCE);
    let endpoint = match Endpoint::new(&probe.base_url, profile.allow_http, patience) {
        Ok(endpoint) => endpoint,
        Err(error) => return error.into(),
    };
    let question = Question { endpoint: &endpoint, probe: &probe, profile };
    match tokio::time::timeout(patience, question.verdict(key)).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(error)) => error.into(),
        Err(_) => Verdict::Unreachable(HttpError::Timeout { url: endpoint.displayed() }),
    }
}

/// A question to one provider.
struct Question<'a> {
    endpoint: &'a Endpoint,
    probe: &'a Probe<'a>,
    profile: &'a ProviderProfile,
}

impl Question<'_> {
    async fn verdict(&self, key: &Secret) -> Result<Verdict, HttpError> {
        let host = self.endpoint.host();
        let answer = self.ask(Some(key)).await?;
        Ok(match meaning(&self.probe.rules, answer.status, &answer.body) {
            Some(Meaning::Accepted) if self.probe.may_be_open => self.without_key(host).await?,
            Some(Meaning::Accepted) => Verdict::Accepted { host },
            Some(Meaning::Rejected) => {
                Verdict::Rejected(Rejection::Answer { host, status: answer.status })
            }
            None => Verdict::Inconclusive(Inconclusive::Answer { host, status: answer.status }),
        })
    }

    /// Decides about a server that accepted the key but may accept any, by asking
    /// again without a key.
    async fn without_key(&self, host: String) -> Result<Verdict, HttpError> {
        Ok(match self.ask(None).await?.status {
            401 | 403 => Verdict::Accepted { host },
            200..=299 => Verdict::NotRequired,
            status => Verdict::Inconclusive(Inconclusive::Answer { host, status }),
        })
    }

    async fn ask(&self, key: Option<&Secret>) -> Result<Answer, HttpError> {
        let url = self.endpoint.url(self.probe.path);
        let displayed = egress::displayed(&url);
        let interrupted = |error: reqwest::Error| HttpError::of(&error, displayed.clone());
        let mut request = self.endpoint.client().get(url).build().map_err(interrupted)?;
        *request.headers_mut() = self.headers(key)?;
        let response = self.endpoint.send(request).await;
        let mut response = response.map_err(|error| redacted(key, error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while body.len() < ANSWER_BYTES
            && let Some(chunk) = response.chunk().await.map_err(interrupted)?
        {
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    }

    /// Returns the headers of the profile, those of the probe, and the key. A later
    /// header replaces an earlier one, so that the key under test is the one sent.
    fn headers(&self, key: Option<&Secret>) -> Result<HeaderMap, HttpError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in self.profile.headers.iter().chain(self.probe.headers.iter().copied()) {
            let (name, value) = egress::header(name, value)?;
            headers.insert(name, value);
        }
        if let Some(key) = key {
            let (name, value) = self.probe.key.carrying(key)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// Redacts the key in the target of a redirect, where a server may have put it.
fn redacted(key: Option<&Secret>, error: HttpError) -> HttpError {
    match error {
        HttpError::Redirect { url, to } => {
            HttpError::Redirect { url, to: redact::sanitize(&to, key.map(Secret::expose)) }
        }
        error => error,
    }
}

/// The answer of a provider, its body cut off at [`ANSWER_BYTES`].
struct Answer {
    status: u16,
    body: Vec<u8>,
}
