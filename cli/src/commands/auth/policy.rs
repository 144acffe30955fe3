//! The policy of `auth check`: what a pipeline refuses, even if every credential is
//! valid.

use std::sync::Arc;

use clap::Args;
use orchestration_runtime::{ProviderProfile, ProvidersToml};

use super::select::select;
use crate::error::{CliError, Kind};
use crate::remedy;

#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(super) struct Policy {
    /// Refuse profiles that are not in providers.toml, and strategies that are
    /// not pinned by digest
    #[arg(long)]
    locked: bool,

    /// Refuse to use the network; excludes --verify
    #[arg(long, conflicts_with = "verify")]
    offline: bool,

    /// Leave out built-in profiles that are not in providers.toml
    #[arg(long)]
    no_builtin_profiles: bool,
}

impl Policy {
    /// Whether the network must not be used.
    pub(super) fn is_offline(&self) -> bool {
        self.offline
    }

    /// The profiles to check: those `named`, or all. An error if the policy refuses
    /// one of them.
    pub(super) fn admit(
        &self,
        named: &[String],
        providers: &ProvidersToml,
    ) -> Result<Vec<Arc<ProviderProfile>>, CliError> {
        let mut profiles = select(providers, named)?;
        let written = |profile: &Arc<ProviderProfile>| providers.place(&profile.name).is_some();
        if self.no_builtin_profiles {
            let left_out = profiles.iter().find(|profile| !written(profile));
            if let (Some(profile), false) = (left_out, named.is_empty()) {
                return Err(PolicyError::BuiltInProfile(profile.name.clone()).into());
            }
            profiles.retain(written);
        }
        let not_written = profiles.iter().find(|profile| !written(profile));
        if let (Some(profile), true) = (not_written, self.locked) {
            return Err(PolicyError::NotWritten(profile.name.clone()).into());
        }
        if profiles.is_empty() {
            return Err(PolicyError::NothingToCheck.into());
        }
        Ok(profiles)
    }
}

/// Why the policy stops the check before it starts.
#[derive(Debug, thiserror::Error)]
enum PolicyError {
    /// `--locked`, and the profile is in no file.
    #[error("profile '{0}' is not in providers.toml, which --locked requires")]
    NotWritten(String),
    /// `--no-builtin-profiles`, and the profile is one.
    #[error("profile '{0}' is built in, which --no-builtin-profiles excludes")]
    BuiltInProfile(String),
    /// No profile is left.
    #[error("no profile to check: providers.toml has none")]
    NothingToCheck,
}

impl From<PolicyError> for CliError {
    fn from(error: PolicyError) -> Self {
        let hint = match &error {
            PolicyError::NotWritten(name) => remedy::add_profile_or_skip(name),
            PolicyError::BuiltInProfile(name) => remedy::add_profile(name),
            PolicyError::NothingToCheck => remedy::NAME_FILE.to_owned(),
        };
        Self::new(Kind::Policy, error).with_hint(hint)
    }
}
