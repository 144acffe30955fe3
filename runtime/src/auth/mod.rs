//! The way from a profile to its credential.
//!
//! A profile's `auth_type` picks a strategy out of the [`Registry`];
//! [`resolve_auth_strategy`] binds it to what is asked about and to what it may
//! reach. What comes out is an [`AuthStrategy`], and whoever holds one need not
//! know that there is a sandbox behind it.

mod inspect;
mod registry;
mod sandboxed;

use async_trait::async_trait;

pub use inspect::Inspection;
#[cfg(any(test, fuzzing))]
pub(crate) use registry::BUILT_IN;
pub use registry::{Registry, StrategyIdentity, StrategyInfo, built_in_auth_types, is_built_in};

use crate::{AgentConfig, Credentials, ProviderError, ProviderProfile};
use sandboxed::SandboxedStrategy;

/// The variable that agents fall back to, where the profile's own is not set.
/// Tools that speak the protocol of OpenAI have come to share it.
pub const FALLBACK_VARIABLE: &str = "OPENAI_API_KEY";

/// The profile of somebody who asks with no profile at all.
pub(crate) const NO_PROFILE: &str = "default";

/// A way to a credential, bound to one profile.
///
/// The three calls are independent: nothing of one is left for the next.
#[async_trait]
pub trait AuthStrategy: Send + Sync {
    /// Finds the credential.
    ///
    /// # Errors
    ///
    /// Fails where there is none, with the kind that says why, and where the
    /// strategy could not run.
    async fn get_credentials(&self) -> Result<Credentials, ProviderError>;

    /// Renews a credential that has ended or is about to; does nothing where
    /// there is nothing to renew.
    ///
    /// # Errors
    ///
    /// Fails where it can't be renewed, and where the strategy could not run.
    async fn refresh_if_needed(&self) -> Result<(), ProviderError>;

    /// Whether [`get_credentials`](Self::get_credentials) would answer a
    /// credential that is good now, as far as the strategy can tell.
    ///
    /// # Errors
    ///
    /// Fails where the strategy could not run.
    async fn is_valid(&self) -> Result<bool, ProviderError>;
}

/// How far a resolution may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The profile's own credential. What a check asks about: with a fallback,
    /// a set `OPENAI_API_KEY` would make every profile look valid.
    OwnCredential,
    /// The fallback variable as well, unless the profile turns it off. What an
    /// agent asks for.
    WithFallback,
}

/// Binds the strategy of `profile` to what `config` adds: a key given by hand,
/// another base URL. Without a profile it is the strategy `api_key` with the
/// variable that `config.credentials.api_key_env` names.
///
/// The strategy is granted the variable that the profile names, the fallback
/// variable where `scope` and profile allow it, what providers.toml grants it,
/// and nothing else. Its component is read when it is first called; the calls
/// need a tokio runtime with its timer.
///
/// # Errors
///
/// Fails where no strategy serves the profile's auth type.
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
    let fallback = scope == Scope::WithFallback && profile.fallback_env;
    let fallback = fallback.then_some(FALLBACK_VARIABLE);
    let strategy = SandboxedStrategy::bind(registry, config.api_key.clone(), profile, fallback)?;
    Ok(Box::new(strategy))
}
