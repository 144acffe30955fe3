//! Puts the question to the provider and reads its answer.

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};

use orchestration_egress::{self as egress, Endpoint, HttpError};
use orchestration_sandbox::Credentials;
use orchestration_support::Secret;
use orchestration_support::url::DisplayUrl;

use super::answer::meaning;
use super::probe::Probe;
use super::verdict::{Inconclusive, Rejection, Verdict};
use crate::catalogue::Meaning;
use crate::profile::ProviderProfile;

/// How long a provider may take to answer, unless the profile sets a timeout.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer is read, in bytes. The longest known answers are lists of a
/// few hundred models.
const ANSWER_BYTES: usize = 4 << 20;

/// Asks the provider of `profile` whether it accepts `credentials`.
///
/// Without a key, it asks whether the server requires one.
///
/// It waits at most ten seconds, or for the profile's timeout if that is set, and never
/// blocks its thread. It needs a tokio runtime with timer and I/O enabled.
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
/// // A server on this machine needs no key, unless someone set one up.
/// assert!(!matches!(verify(local, &credentials).await, Verdict::Accepted { .. }));
/// # Ok(())
/// # })
/// # }
/// ```
pub async fn verify(profile: &ProviderProfile, credentials: &Credentials) -> Verdict {
    let key = credentials.key();
    let Some(probe) = Probe::of(profile) else {
        return Verdict::Inconclusive(Inconclusive::NoProbe { provider: profile.provider.clone() });
    };
    let patience = profile.timeout.unwrap_or(PATIENCE);
    let allow_http = profile.allows_plain_http(key.is_some());
    let endpoint = match Endpoint::new(&probe.base_url, allow_http, Some(patience)).await {
        Ok(endpoint) => endpoint,
        Err(error) => return error.into(),
    };
    let question = Question { endpoint: &endpoint, probe: &probe, profile };
    match tokio::time::timeout(patience, question.verdict(key)).await {
        Ok(Ok(verdict)) => verdict,
        // No one set this profile up, so no one expects its server to run.
        Ok(Err(HttpError::Refused { .. })) if key.is_none() && profile.is_built_in() => {
            Verdict::NotRequired
        }
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
    async fn verdict(&self, key: Option<&Secret>) -> Result<Verdict, HttpError> {
        match key {
            Some(key) => self.of_key(key).await,
            None => self.of_no_key().await,
        }
    }

    async fn of_key(&self, key: &Secret) -> Result<Verdict, HttpError> {
        let host = self.endpoint.host();
        let answer = self.ask(Some(key)).await?;
        Ok(match meaning(&self.probe.rules, answer.status, &answer.body) {
            // It may accept any key, so its answer without one decides.
            Some(Meaning::Accepted) if self.probe.may_be_open => match self.of_no_key().await? {
                Verdict::Rejected(Rejection::KeyRequired { .. })
                | Verdict::Inconclusive(Inconclusive::AnswerWithoutKey { status: 403, .. }) => {
                    Verdict::Accepted { host }
                }
                verdict => verdict,
            },
            Some(Meaning::Accepted) => Verdict::Accepted { host },
            Some(Meaning::Rejected) => {
                Verdict::Rejected(Rejection::Answer { host, status: answer.status })
            }
            None => Verdict::Inconclusive(Inconclusive::Answer { host, status: answer.status }),
        })
    }

    /// Asks without a key. A 401 always says that one is required, and a 403 may have
    /// other reasons. Only a success says that none is: what else may mean that a key is
    /// valid does not apply to none.
    async fn of_no_key(&self) -> Result<Verdict, HttpError> {
        let host = self.endpoint.host();
        let Answer { status, body } = self.ask(None).await?;
        Ok(match meaning(&self.probe.rules, status, &body) {
            Some(Meaning::Accepted) if (200..300).contains(&status) => Verdict::NotRequired,
            Some(Meaning::Rejected) => Verdict::Rejected(Rejection::KeyRequired { host, status }),
            _ if status == 401 => Verdict::Rejected(Rejection::KeyRequired { host, status }),
            _ => Verdict::Inconclusive(Inconclusive::AnswerWithoutKey { host, status }),
        })
    }

    async fn ask(&self, key: Option<&Secret>) -> Result<Answer, HttpError> {
        let url = self.endpoint.url(self.probe.path);
        let displayed = DisplayUrl::from(&url).to_string();
        let interrupted = |error: reqwest::Error| self.endpoint.failed(&error, displayed.clone());
        let mut request = self.endpoint.client().get(url).build().map_err(interrupted)?;
        *request.headers_mut() = self.headers(key)?;
        let mut response = self.endpoint.send(request).await?;
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

/// The answer of a provider, its body cut off at [`ANSWER_BYTES`].
struct Answer {
    status: u16,
    body: Vec<u8>,
}
