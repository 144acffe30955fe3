//! Finds the strategy for an agent's configuration.

use orchestration_auth::{
    AuthStrategy, NO_PROFILE, ProviderError, ProviderProfile, Registry, Scope,
};

use crate::config::AgentConfig;

/// Binds the strategy of `profile` to what `config` adds: an explicit key, another
/// base URL. Without a profile it is the strategy `api_key` with the variable that
/// `config.credentials.api_key_env` names.
///
/// [`Registry::bind`] says what the strategy is granted.
///
/// # Errors
///
/// Fails with [`ProviderError::UnknownAuthType`] if no strategy serves the profile's
/// auth type.
pub fn resolve_auth_strategy(
    registry: &Registry,
    config: &AgentConfig,
    profile: Option<&ProviderProfile>,
    scope: Scope,
) -> Result<Box<dyn AuthStrategy>, ProviderError> {
    let mut profile = profile.cloned().unwrap_or_else(|| ProviderProfile {
        api_key_env: config.credentials.api_key_env.clone(),
        ..ProviderProfile::new(NO_PROFILE)
    });
    if let Some(base_url) = &config.base_url {
        profile.base_url = Some(base_url.clone());
    }
    registry.bind(profile, config.api_key.clone(), scope)
}
