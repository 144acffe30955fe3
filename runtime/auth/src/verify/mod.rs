//! Asks a provider whether it takes a credential.
//!
//! A key that is there may be mistyped, revoked, or for another provider; only
//! the provider knows. But it seldom says yes or no: it is down, it has been
//! asked too often, something on the way answers in its place, its list of models
//! is open to everybody. Who takes that for a verdict has people throw good keys
//! away and trust bad ones. So an answer counts only where [the catalogue](crate::catalogue) or the
//! profile lists it with what it means. Everything else is
//! [`Verdict::Unknown`], and no answer at all is [`Verdict::Unreachable`].
//!
//! The key goes to the host of the profile, or to the documented one of its
//! provider where the profile names none, and nowhere else: [`probe`] decides on
//! the host, and [`Endpoint`] holds on to it.

mod answer;
mod config;
mod probe;

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};

pub use config::VerifyConfig;

use crate::catalogue::Means;
use crate::profile::ProviderProfile;
use answer::meaning;
use orchestration_egress::{self as egress, Endpoint, HttpError};
use orchestration_sandbox::Credentials;
use orchestration_support::{Secret, redact};
use probe::Probe;

/// How long a provider may take for its answer, where the profile does not give
/// it less.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most that is read of an answer, in bytes. The longest that are known are
/// lists of some hundred models.
const ANSWER_BYTES: usize = 4 << 20;

/// What a provider says of a credential, or why it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The provider takes it.
    Valid {
        /// Who was asked: the host, with the port where it is not the usual one.
        host: String,
    },
    /// There is no credential, or the server takes requests without one.
    NotRequired,
    /// The credential is no good.
    Invalid(Refusal),
    /// The provider did not answer.
    Unreachable(HttpError),
    /// The provider was not asked, or its answer may mean anything.
    Unknown(Doubt),
}

/// Why a credential is no good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The provider says so.
    #[error("{host} refuses the key ({status})")]
    Answer {
        /// Who was asked.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// No request can carry it, so no provider can take it.
    #[error("the key holds characters that can't be sent, e.g. a line break")]
    Unsendable,
}

/// Why it is not known whether a credential is good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Nobody has said how this provider can be asked.
    #[error("it is not known how '{provider}' can be asked")]
    NoProbe {
        /// The kind of provider.
        provider: String,
    },
    /// The answer is none that is known to mean something.
    #[error("{host} answered {status}, which says nothing about the key")]
    Answer {
        /// Who was asked.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// It could not be asked without giving the key away.
    #[error(transparent)]
    NotAsked(HttpError),
}

/// What came of a request that got no answer: the key itself is at fault, it was
/// kept back, or nobody was reached.
impl From<HttpError> for Verdict {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Key => Self::Invalid(Refusal::Unsendable),
            HttpError::Url(_)
            | HttpError::PlainHttp { .. }
            | HttpError::Header(_)
            | HttpError::Setup(_)
            | HttpError::Redirect { .. } => Self::Unknown(Doubt::NotAsked(error)),
            HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::Untrusted { .. }
            | HttpError::Timeout { .. }
            | HttpError::Interrupted { .. } => Self::Unreachable(error),
        }
    }
}

/// Asks the provider of `profile` whether it takes `credentials`. Takes at most
/// ten seconds, or the timeout of the profile where that is shorter; needs a tokio
/// runtime with its timer and its i/o.
pub async fn verify(profile: &ProviderProfile, credentials: &Credentials) -> Verdict {
    let Some(key) = credentials.key() else {
        return Verdict::NotRequired;
    };
    let Some(probe) = Probe::of(profile) else {
        return Verdict::Unknown(Doubt::NoProbe { provider: profile.provider.clone() });
    };
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

/// One provider, and how it is asked.
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
            Some(Means::Valid) if self.probe.may_be_open => self.without_key(host).await?,
            Some(Means::Valid) => Verdict::Valid { host },
            Some(Means::Invalid) => {
                Verdict::Invalid(Refusal::Answer { host, status: answer.status })
            }
            None => Verdict::Unknown(Doubt::Answer { host, status: answer.status }),
        })
    }

    /// What it means that a server took the key which may take any: that is
    /// found out by asking without one.
    async fn without_key(&self, host: String) -> Result<Verdict, HttpError> {
        Ok(match self.ask(None).await?.status {
            401 | 403 => Verdict::Valid { host },
            200..=299 => Verdict::NotRequired,
            status => Verdict::Unknown(Doubt::Answer { host, status }),
        })
    }

    async fn ask(&self, key: Option<&Secret>) -> Result<Answer, HttpError> {
        let url = self.endpoint.url(self.probe.path);
        let shown = egress::displayed(&url);
        let interrupted = |error: reqwest::Error| HttpError::of(&error, shown.clone());
        let mut request = self.endpoint.client().get(url).build().map_err(interrupted)?;
        *request.headers_mut() = self.headers(key)?;
        let response = self.endpoint.send(request).await;
        let mut response = response.map_err(|error| hiding(key, error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while body.len() < ANSWER_BYTES
            && let Some(chunk) = response.chunk().await.map_err(interrupted)?
        {
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    }

    /// The headers of the profile, then those of the probe, then the key, which
    /// is what the question is about.
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

/// The same error, in which a server that sends elsewhere does not show the key
/// that it was sent.
fn hiding(key: Option<&Secret>, error: HttpError) -> HttpError {
    match error {
        HttpError::Redirect { url, to } => {
            HttpError::Redirect { url, to: redact::sanitize(&to, key.map(Secret::expose)) }
        }
        error => error,
    }
}

struct Answer {
    status: u16,
    body: Vec<u8>,
}
