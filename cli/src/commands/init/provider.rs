//! The providers that `init` offers, and the profile that it writes for each.

use std::env;

use orchestration_runtime::{KnownProvider, PROVIDERS, is_built_in};

use crate::commands::profile::new_profile::NewProfile;

/// A provider, as it is offered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offered {
    /// The name of its profile: the built-in one's, or that of its preset.
    pub(super) name: &'static str,
    pub(super) known: &'static KnownProvider,
    /// The first of its variables that is set.
    pub(super) set: Option<&'static str>,
    /// The auth type that signs in on the provider's own page.
    pub(super) sign_in: Option<&'static str>,
}

impl Offered {
    /// Returns every provider, in the order of the catalogue.
    pub(super) fn all() -> Vec<Self> {
        PROVIDERS.iter().filter_map(Self::of).collect()
    }

    fn of(known: &'static KnownProvider) -> Option<Self> {
        let name = known.profile.or(known.preset)?;
        // An auth type with the name of a provider signs in to it.
        let sign_in = is_built_in(known.name).then_some(known.name);
        Some(Self { name, known, set: set_variable(known), sign_in })
    }

    /// Returns the profile to write. A built-in profile has all it needs, so its entry only
    /// names what a user is most likely to change.
    pub(super) fn profile(&self, signs_in: bool) -> NewProfile {
        let mut profile = NewProfile::of_preset(self.known);
        if self.known.profile.is_some() {
            profile.fallback_env = None;
            profile.base_url = profile.base_url.filter(|_| profile.api_key_env.is_none());
        }
        if let Some(variable) = self.set {
            profile.api_key_env = Some(variable.to_owned());
        }
        if let Some(auth_type) = self.sign_in.filter(|_| signs_in) {
            profile.auth_type = Some(auth_type.to_owned());
            profile.api_key_env = None;
        }
        profile
    }
}

/// Returns the first variable of a provider that has a value.
pub(in crate::commands) fn set_variable(known: &KnownProvider) -> Option<&'static str> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    known.variables.iter().copied().find(is_set)
}
