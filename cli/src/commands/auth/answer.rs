//! What a profile's strategy answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orchestration_runtime::{
    AgentConfig, AuthStrategy, Credentials, ProviderError, ProviderProfile, Registry, Scope,
    Status, Verdict, resolve_auth_strategy,
};

/// The answer of a profile's strategy about the profile's own credential, without
/// the fallback.
pub(in crate::commands) struct Answer {
    pub(in crate::commands) profile: Arc<ProviderProfile>,
    pub(in crate::commands) credentials: Result<Credentials, ProviderError>,
    pub(in crate::commands) status: Status,
    /// The provider's verdict, if it was asked.
    pub(in crate::commands) verdict: Option<Verdict>,
    /// How long the strategy took, including the time to load it.
    pub(in crate::commands) duration: Duration,
}

/// Asks the strategy of `profile`, which renews the credential if that is needed for it to
/// be valid for at least `min_validity`.
pub(in crate::commands) async fn ask(
    profile: Arc<ProviderProfile>,
    registry: Registry,
    min_validity: Duration,
) -> Answer {
    let started = Instant::now();
    let credentials = match strategy(&profile, &registry) {
        Ok(strategy) => strategy.obtain(min_validity).await,
        Err(error) => Err(error),
    };
    answer(profile, credentials, started)
}

/// Asks the strategy of `profile` what is there now. It sends no request for that.
pub(in crate::commands) async fn look(profile: Arc<ProviderProfile>, registry: Registry) -> Answer {
    let started = Instant::now();
    let credentials = match strategy(&profile, &registry) {
        Ok(strategy) => strategy.look().await,
        Err(error) => Err(error),
    };
    answer(profile, credentials, started)
}

/// Returns the answer of a strategy that could not be asked.
pub(in crate::commands) fn failed(profile: Arc<ProviderProfile>, error: ProviderError) -> Answer {
    answer(profile, Err(error), Instant::now())
}

fn strategy(
    profile: &Arc<ProviderProfile>,
    registry: &Registry,
) -> Result<Box<dyn AuthStrategy>, ProviderError> {
    let config = AgentConfig::default();
    resolve_auth_strategy(registry, &config, Some(profile), Scope::OwnCredential)
}

fn answer(
    profile: Arc<ProviderProfile>,
    credentials: Result<Credentials, ProviderError>,
    started: Instant,
) -> Answer {
    let status = Status::of(&credentials);
    Answer { profile, credentials, status, verdict: None, duration: started.elapsed() }
}
