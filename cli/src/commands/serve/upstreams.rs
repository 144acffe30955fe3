//! Which profiles are served.

use orchestration_runtime::{ProviderProfile, ProvidersToml, Registry, Upstream, UpstreamError};

use crate::error::{CliError, Kind};
use crate::ui::stderr;

/// Returns the servers of the profiles that `names` has, or of all that can be served if it
/// has none.
pub(super) async fn upstreams(
    providers: &ProvidersToml,
    registry: &Registry,
    names: &[String],
) -> Result<Vec<Upstream>, CliError> {
    let mut upstreams = Vec::new();
    for name in names {
        let profile = providers.profile(name)?;
        let upstream = Upstream::new(profile, registry).await;
        upstreams.push(upstream.map_err(|error| failed(profile, error))?);
    }
    if !names.is_empty() {
        return Ok(upstreams);
    }
    for profile in providers.profiles() {
        match Upstream::new(profile, registry).await {
            Ok(upstream) => upstreams.push(upstream),
            Err(error) => {
                let message = format!("profile '{}' is not served: {error}", profile.name);
                stderr::warning(&message, None);
            }
        }
    }
    Ok(upstreams)
}

fn failed(profile: &ProviderProfile, error: UpstreamError) -> CliError {
    match error {
        UpstreamError::Credential(error) => error.into(),
        error => {
            let message = format!("profile '{}' can't be served: {error}", profile.name);
            CliError::new(Kind::Configuration, message)
        }
    }
}
