//! A strategy in the sandbox, bound to one profile.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::{AuthStrategy, Registry};
use crate::sandbox::{Call, Grants, Profile, Request, Strategy, Subject};
use crate::{Credentials, Failure, ProviderError, ProviderProfile, Secret};

/// One profile and the strategy that serves it. Holds what is asked, and what
/// may be reached on the way to an answer.
pub(super) struct SandboxedStrategy {
    registry: Registry,
    profile: ProviderProfile,
    fallback: Option<&'static str>,
    /// What providers.toml grants the strategy.
    env: Vec<String>,
    call: Arc<Call>,
}

impl SandboxedStrategy {
    /// Grants the variable that the profile names, `fallback`, what
    /// providers.toml grants the strategy, and nothing else.
    pub(super) fn bind(
        registry: &Registry,
        explicit_key: Option<Secret>,
        profile: ProviderProfile,
        fallback: Option<&'static str>,
    ) -> Result<Self, ProviderError> {
        let entry = registry
            .entry(&profile.auth_type)
            .map_err(|failure| with_context(&profile, Vec::new(), failure))?;
        let named = profile.api_key_env.as_deref().into_iter().chain(fallback);
        let grants: Grants = named.chain(entry.env.iter().map(String::as_str)).collect();
        let subject = Subject {
            strategy: profile.auth_type.as_str().into(),
            profile: profile.name.as_str().into(),
        };
        let environment = registry.environment();
        let limits = entry.limits.clone();
        let observer = None;
        let call = Call { subject, environment, explicit_key, grants, limits, observer };
        let call = Arc::new(call);
        let env = entry.env.clone();
        Ok(Self { registry: registry.clone(), profile, fallback, env, call })
    }

    /// The strategy, loaded, with all that it declares granted: a strategy that
    /// lacks something is told of before it runs and fails in its own way.
    async fn ready(&self) -> Result<&Strategy, Failure> {
        self.call.grants.variables().for_each(|name| self.call.subject.granted(name));
        let started = Instant::now();
        let auth_type = &self.profile.auth_type;
        let entry = self.registry.entry(auth_type)?;
        let loaded = self.registry.load(auth_type, entry).await?;
        self.call.subject.loaded(started);
        let declared = loaded.description.iter().flat_map(|said| &said.environment);
        let lacking: Vec<String> =
            declared.filter(|name| !self.call.grants.has_variable(name)).cloned().collect();
        if !lacking.is_empty() {
            return Err(Failure::Denied(lacking));
        }
        Ok(&loaded.strategy)
    }

    /// The profile's options as the contract has them.
    fn options(&self) -> Vec<(&str, &str)> {
        self.profile.options.iter().map(|(key, value)| (&**key, &**value)).collect()
    }

    fn request<'a>(&'a self, options: &'a [(&'a str, &'a str)]) -> Request<'a> {
        Request {
            profile: Profile {
                name: &self.profile.name,
                provider: &self.profile.provider,
                base_url: self.profile.base_url.as_deref(),
                api_key_env: self.profile.api_key_env.as_deref(),
                fallback_env: self.fallback,
                options,
            },
            explicit_key: self.call.explicit_key.as_ref().map(Secret::expose),
        }
    }

    fn failed(&self, failure: Failure) -> ProviderError {
        with_context(&self.profile, self.env.clone(), failure)
    }

    async fn try_get_credentials(&self) -> Result<Credentials, Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let request = self.request(&options);
        strategy.get_credentials(Arc::clone(&self.call), request).await
    }

    async fn try_refresh_if_needed(&self) -> Result<(), Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let request = self.request(&options);
        strategy.refresh_if_needed(Arc::clone(&self.call), request).await
    }

    async fn try_is_valid(&self) -> Result<bool, Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let request = self.request(&options);
        strategy.is_valid(Arc::clone(&self.call), request).await
    }
}

#[async_trait]
impl AuthStrategy for SandboxedStrategy {
    async fn get_credentials(&self) -> Result<Credentials, ProviderError> {
        self.try_get_credentials().await.map_err(|failure| self.failed(failure))
    }

    async fn refresh_if_needed(&self) -> Result<(), ProviderError> {
        self.try_refresh_if_needed().await.map_err(|failure| self.failed(failure))
    }

    async fn is_valid(&self) -> Result<bool, ProviderError> {
        self.try_is_valid().await.map_err(|failure| self.failed(failure))
    }
}

fn with_context(
    profile: &ProviderProfile,
    granted: Vec<String>,
    failure: Failure,
) -> ProviderError {
    ProviderError::Strategy {
        profile: profile.name.clone(),
        auth_type: profile.auth_type.clone(),
        granted,
        failure: Box::new(failure),
    }
}
