//! Which profiles are served.
//!
//! A change of a file that has a hundred profiles is most often one of a single profile. The
//! servers of all others stay what they were: their tokens need not be got again, which would
//! ask a server of tokens a hundred times at once, and their connections stay open.

use std::sync::Arc;

use orchestration_runtime::{
    ProviderProfile, ProvidersToml, Registry, StrategyConfig, Upstream, UpstreamError,
};

use crate::error::{CliError, Kind};
use crate::ui::stderr;

/// The servers that were made last.
#[derive(Default)]
pub(super) struct Upstreams(Vec<Made>);

/// A server, and all that it was made of.
#[derive(Clone)]
struct Made {
    profile: ProviderProfile,
    strategy: Option<StrategyConfig>,
    upstream: Arc<Upstream>,
}

impl Upstreams {
    /// Returns the servers of the profiles that `names` has, or of all that can be served if it
    /// has none. If that fails, those that were made last stay.
    pub(super) async fn read(
        &mut self,
        providers: &ProvidersToml,
        registry: &Registry,
        names: &[String],
    ) -> Result<Vec<Arc<Upstream>>, CliError> {
        let mut made = Vec::new();
        for name in names {
            let profile = providers.profile(name)?;
            let upstream = self.of(profile, providers, registry).await;
            made.push(upstream.map_err(|error| failed(profile, error))?);
        }
        if names.is_empty() {
            for profile in providers.profiles() {
                match self.of(profile, providers, registry).await {
                    Ok(upstream) => made.push(upstream),
                    Err(error) => {
                        let message = format!("profile '{}' is not served: {error}", profile.name);
                        stderr::warning(&message, None);
                    }
                }
            }
        }
        self.0 = made;
        Ok(self.0.iter().map(|made| Arc::clone(&made.upstream)).collect())
    }

    /// Returns the server of `profile`: the former one, if nothing that it was made of has
    /// changed.
    async fn of(
        &self,
        profile: &ProviderProfile,
        providers: &ProvidersToml,
        registry: &Registry,
    ) -> Result<Made, UpstreamError> {
        let strategy = providers.strategies().find(|one| one.auth_type == profile.auth_type);
        let is_same = |made: &&Made| made.profile == *profile && made.strategy.as_ref() == strategy;
        if let Some(former) = self.0.iter().find(is_same) {
            return Ok(former.clone());
        }
        let upstream = Arc::new(Upstream::new(profile, registry).await?);
        Ok(Made { profile: profile.clone(), strategy: strategy.cloned(), upstream })
    }
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

/// How many profiles are served, in words.
pub(super) fn served(count: usize) -> String {
    format!("{count} {}", if count == 1 { "profile" } else { "profiles" })
}
