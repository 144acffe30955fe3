//! A strategy in the sandbox, bound to one profile.

use async_trait::async_trait;

use super::{AuthStrategy, Registry};
use crate::sandbox::{Call, Grants, Limits, Profile, Request, Strategy};
use crate::{Credentials, Failure, ProviderError, ProviderProfile, Secret};

/// One profile and the strategy that serves it. Holds what is asked, and what
/// may be reached on the way to an answer.
pub(super) struct SandboxedStrategy {
    registry: Registry,
    strategy: Strategy,
    explicit_key: Option<Secret>,
    profile: ProviderProfile,
    fallback: Option<&'static str>,
    call: Call,
}

impl SandboxedStrategy {
    pub(super) fn bind(
        registry: &Registry,
        explicit_key: Option<Secret>,
        profile: ProviderProfile,
        fallback: Option<&'static str>,
    ) -> Result<Self, ProviderError> {
        let strategy = registry
            .strategy(&profile.auth_type)
            .map_err(|failure| with_context(&profile, failure))?;
        let grants: Grants = profile.api_key_env.as_deref().into_iter().chain(fallback).collect();
        let call = Call { environment: registry.environment(), grants, limits: Limits::default() };
        Ok(Self { registry: registry.clone(), strategy, explicit_key, profile, fallback, call })
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
            explicit_key: self.explicit_key.as_ref().map(Secret::expose),
        }
    }
}

#[async_trait]
impl AuthStrategy for SandboxedStrategy {
    async fn get_credentials(&self) -> Result<Credentials, ProviderError> {
        let sandbox = self.registry.sandbox();
        let options = self.options();
        let answer =
            sandbox.get_credentials(&self.strategy, self.call.clone(), self.request(&options));
        answer.await.map_err(|failure| with_context(&self.profile, failure))
    }

    async fn refresh_if_needed(&self) -> Result<(), ProviderError> {
        let sandbox = self.registry.sandbox();
        let options = self.options();
        let answer =
            sandbox.refresh_if_needed(&self.strategy, self.call.clone(), self.request(&options));
        answer.await.map_err(|failure| with_context(&self.profile, failure))
    }

    async fn is_valid(&self) -> Result<bool, ProviderError> {
        let sandbox = self.registry.sandbox();
        let options = self.options();
        let answer = sandbox.is_valid(&self.strategy, self.call.clone(), self.request(&options));
        answer.await.map_err(|failure| with_context(&self.profile, failure))
    }
}

fn with_context(profile: &ProviderProfile, failure: Failure) -> ProviderError {
    ProviderError::Strategy {
        profile: profile.name.clone(),
        auth_type: profile.auth_type.clone(),
        failure,
    }
}
