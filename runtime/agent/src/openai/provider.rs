//! Creates agents for profiles whose provider speaks OpenAI's protocol.

use std::time::Duration;

use async_trait::async_trait;
use orchestration_auth::{
    AuthStrategy, DEFAULT_PROVIDER, FALLBACK_VARIABLE, KnownProvider, NO_AUTH_TYPE, NO_PROFILE,
    ProviderError, ProviderProfile, ProvidersToml, Registry, Scope, is_built_in,
};
use orchestration_egress::{self as egress, Endpoint, HttpError};
use orchestration_sandbox::Source;
use reqwest::header::HeaderMap;

use super::agent::OpenAiAgent;
use super::connection::Connection;
use crate::agent::Agent;
use crate::config::AgentConfig;
use crate::error::AgentError;
use crate::provider::Provider;
use crate::resolve::resolve_auth_strategy;

/// Creates agents for profiles whose provider speaks OpenAI's protocol, with the
/// credentials that their strategies return.
///
/// ```no_run
/// # async fn talk() -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::StreamExt;
/// use orchestration_agent::{AgentConfig, Message, OpenAiCompatibleProvider, Provider};
/// use orchestration_auth::{ProvidersToml, Registry};
/// use orchestration_sandbox::{Allocation, Environment};
///
/// let providers = ProvidersToml::discover(None)?;
/// let registry =
///     Registry::new(&providers, Environment::Process, None, Allocation::OnDemand)?;
/// let provider = OpenAiCompatibleProvider::new(providers, registry);
/// let agent = provider
///     .create_agent(AgentConfig {
///         profile: Some("openai".to_owned()),
///         model: Some("gpt-5-mini".to_owned()),
///         ..AgentConfig::default()
///     })
///     .await?;
/// let mut answer = agent.send("Why is the sky blue?").await?;
/// while let Some(message) = answer.next().await {
///     if let Message::Text { text } = message? {
///         print!("{text}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OpenAiCompatibleProvider {
    providers: ProvidersToml,
    registry: Registry,
}

impl OpenAiCompatibleProvider {
    /// Returns a provider for these profiles and strategies.
    pub fn new(providers: ProvidersToml, registry: Registry) -> Self {
        Self { providers, registry }
    }

    /// Returns the profile that the configuration names, or a default one, with the
    /// values that the configuration overrides.
    fn profile(&self, config: &AgentConfig) -> Result<ProviderProfile, AgentError> {
        let mut profile = match &config.profile {
            Some(name) => ProviderProfile::clone(self.providers.profile(name)?),
            None => ProviderProfile {
                api_key_env: config.credentials.api_key_env.clone(),
                ..ProviderProfile::new(NO_PROFILE)
            },
        };
        profile.provider = config.provider.clone().unwrap_or(profile.provider);
        profile.base_url = config.base_url.clone().or(profile.base_url);
        profile.default_model = config.model.clone().or(profile.default_model);
        if profile.provider != DEFAULT_PROVIDER {
            return Err(AgentError::UnknownProvider {
                profile: profile.name,
                provider: profile.provider,
                known: DEFAULT_PROVIDER,
            });
        }
        Ok(profile)
    }

    fn strategy(
        &self,
        config: &AgentConfig,
        profile: &ProviderProfile,
    ) -> Result<Box<dyn AuthStrategy>, ProviderError> {
        resolve_auth_strategy(&self.registry, config, Some(profile), Scope::WithFallback)
    }
}

#[async_trait]
impl Provider for OpenAiCompatibleProvider {
    fn provider_type(&self) -> &'static str {
        DEFAULT_PROVIDER
    }

    async fn create_agent(&self, config: AgentConfig) -> Result<Box<dyn Agent>, AgentError> {
        let profile = self.profile(&config)?;
        let model = profile.default_model.clone().filter(|model| !model.is_empty());
        let model = model.ok_or_else(|| AgentError::NoModel { profile: profile.name.clone() })?;
        let unusable = |error: HttpError| AgentError::Call {
            profile: profile.name.clone(),
            error: Box::new(error.into()),
        };
        let strategy = self.strategy(&config, &profile)?;
        // OpenAI's own URL is known, so there always is one.
        let base_url = profile.effective_base_url();
        let base_url = base_url.map_or_else(|| "".parse(), Ok);
        let base_url = base_url.map_err(|error| unusable(error.into()))?;
        let keyless = profile.auth_type == NO_AUTH_TYPE && config.api_key.is_none();
        let bare = keyless && config.credentials.default_headers.iter().next().is_none();
        let allow_http = profile.allows_plain_http(!bare);
        let endpoint = Endpoint::new(&base_url, allow_http, profile.timeout).await;
        let endpoint = endpoint.map_err(unusable)?;
        let headers = headers(&profile, &config).map_err(unusable)?;

        let connection =
            Connection::new(profile.name.clone(), endpoint.clone(), headers, strategy).await?;
        warn_of_fallback(&profile, &endpoint, &connection.source());
        let name = if config.name.is_empty() { profile.name } else { config.name };
        Ok(Box::new(OpenAiAgent::new(name, model, config.instructions.as_deref(), connection)))
    }

    async fn validate_credentials(&self, config: &AgentConfig) -> Result<(), AgentError> {
        let profile = self.profile(config)?;
        self.strategy(config, &profile)?.obtain(Duration::ZERO).await?;
        Ok(())
    }
}

/// Returns the headers of the profile, overridden by those of the configuration.
fn headers(profile: &ProviderProfile, config: &AgentConfig) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::new();
    for (name, value) in profile.headers.iter().chain(config.credentials.default_headers.iter()) {
        let (name, value) = egress::header(name, value)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Warns if the fallback sends a key of OpenAI to another company. What the strategy was
/// given decides, and not what it says: it may have used the key and call it anything.
fn warn_of_fallback(profile: &ProviderProfile, endpoint: &Endpoint, source: &Source) {
    let is_own = profile.api_key_env.as_deref() == Some(FALLBACK_VARIABLE);
    let openai = KnownProvider::named(DEFAULT_PROVIDER).and_then(|known| known.domain);
    let is_openai = openai.is_some_and(|domain| endpoint.is_below(domain));
    if is_own || !profile.fallback_env || is_openai {
        return;
    }
    let (what, reason) = match (source, &profile.api_key_env) {
        (Source::Environment(name), _) if name != FALLBACK_VARIABLE => return,
        (Source::Environment(_), _) if !is_built_in(&profile.auth_type) => {
            ("is", format!("strategy '{}' answers with it", profile.auth_type))
        }
        (Source::Environment(_), Some(name)) => ("is", format!("{name} is not set")),
        (Source::Environment(_), None) => {
            ("is", format!("profile '{}' names no variable for its key", profile.name))
        }
        (Source::Other(claim), _) if claim.used().any(|name| name == FALLBACK_VARIABLE) => {
            ("may be", format!("strategy '{}' has used it", claim.strategy()))
        }
        (
            Source::File(_)
            | Source::Session { .. }
            | Source::StoredKey
            | Source::Explicit
            | Source::NotNeeded { .. }
            | Source::Other(_),
            _,
        ) => {
            return;
        }
    };
    tracing::warn!(
        event = "fallback",
        profile = profile.name,
        // One from a file has the variable only because its grants name it.
        strategy = (!is_built_in(&profile.auth_type)).then_some(&*profile.auth_type),
        reason,
        "{FALLBACK_VARIABLE} {what} sent to {}",
        endpoint.host()
    );
}
