//! What a file changes in the layers below it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use orchestration_sandbox::{GrantedFile, Limits};

use super::providers::ProvidersToml;
use super::settings::{Setting, SettingValue};
use crate::profile::ProviderProfile;
use crate::strategy::{FALLBACK_VARIABLE, offers_fallback};
use crate::strategy_config::StrategyConfig;
use crate::workload::{self, REQUEST_TOKEN};

/// The profiles and strategies that differ between two states of the configuration.
///
/// ```
/// use std::path::Path;
///
/// use orchestration_auth::ProvidersToml;
///
/// let own = ProvidersToml::built_in();
/// let text = b"[profiles.openai]\nbase_url = \"https://llm.corp.example/v1\"";
/// let new = ProvidersToml::parse(Path::new("providers.toml"), text)?;
///
/// let changes = new.changes_from(&own);
/// let [openai] = changes.profiles.as_slice() else { panic!("one profile differs") };
/// let keys: Vec<&str> = openai.settings.iter().map(|change| change.key).collect();
/// assert_eq!((&*openai.profile.name, openai.is_new), ("openai", false));
/// assert_eq!(keys, ["base_url"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Changes<'a> {
    /// The profiles that differ, sorted by name.
    pub profiles: Vec<ProfileChange<'a>>,
    /// The strategies that differ, sorted by auth type.
    pub strategies: Vec<StrategyChange<'a>>,
}

/// A profile that differs.
pub struct ProfileChange<'a> {
    /// The profile as it is now.
    pub profile: &'a ProviderProfile,
    /// Whether it was not there before.
    pub is_new: bool,
    /// What its requests may carry now.
    pub sends: Sends<'a>,
    /// The settings that differ; of a new profile, from their defaults.
    pub settings: Vec<Change<'a>>,
}

/// A strategy that differs.
pub struct StrategyChange<'a> {
    /// The strategy as it is now.
    pub strategy: &'a StrategyConfig,
    /// Whether no file configured it before.
    pub is_new: bool,
    /// The names of the profiles that were there before and use it now.
    pub used_by: Vec<&'a str>,
    /// The settings that differ; of a new strategy, from their defaults.
    pub settings: Vec<Change<'a>>,
}

/// A setting that differs.
pub struct Change<'a> {
    /// The key, as [`Setting::key`] has it.
    pub key: &'static str,
    /// Whether it decides which key is sent, where it goes, or which code reads it.
    pub directs_keys: bool,
    /// The value before.
    pub before: SettingValue<'a>,
    /// The value now.
    pub after: SettingValue<'a>,
}

/// The variables and files whose content the requests of a profile may carry.
pub struct Sends<'a> {
    /// The variable that the profile names for its key, or that has the key to the identity
    /// of a job.
    pub own: Option<&'a str>,
    /// Whether the requests for a token carry the identity of a job of GitHub Actions.
    pub job: bool,
    /// The file that the profile names for its key.
    pub file: Option<&'a str>,
    /// The variable that an agent falls back to, if it may.
    pub fallback: Option<&'static str>,
    /// The variables that its strategy may read besides.
    pub granted: &'a [String],
    /// The files that its strategy may take besides.
    pub granted_files: &'a [String],
}

impl Sends<'_> {
    /// Returns every variable.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let granted = self.granted.iter().map(String::as_str);
        self.own.into_iter().chain(self.fallback).chain(granted)
    }
}

impl ProvidersToml {
    /// Returns how this configuration differs from `before`.
    pub fn changes_from<'a>(&'a self, before: &'a Self) -> Changes<'a> {
        let profiles = self.profiles().filter_map(|profile| {
            let old = before.profiles.get(&profile.name);
            let settings = match old {
                Some(old) => differing(old.settings(), profile.settings()),
                None => differing(DEFAULT_PROFILE.settings(), profile.settings()),
            };
            // A new profile is one more that a command can use, if with defaults only.
            let differs = old.is_none() || !settings.is_empty();
            differs.then(|| ProfileChange {
                profile,
                is_new: old.is_none(),
                sends: self.sends(profile),
                settings,
            })
        });
        let profiles = profiles.collect();
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for profile in before.profiles().filter_map(|old| self.profiles.get(&old.name)) {
            users.entry(&profile.auth_type).or_default().push(&profile.name);
        }
        let strategies = self.strategies().filter_map(|strategy| {
            let auth_type = strategy.auth_type.as_str();
            let old = before.strategies.get(auth_type);
            let settings =
                differing(old.unwrap_or(&UNCONFIGURED_STRATEGY).settings(), strategy.settings());
            (!settings.is_empty()).then(|| StrategyChange {
                strategy,
                is_new: old.is_none(),
                used_by: users.remove(auth_type).unwrap_or_default(),
                settings,
            })
        });
        let strategies = strategies.collect();
        Changes { profiles, strategies }
    }

    /// Returns what the requests of `profile` may carry.
    fn sends<'a>(&'a self, profile: &'a ProviderProfile) -> Sends<'a> {
        let config = self.strategies.get(&profile.auth_type);
        let granted = config.map(|config| config.env.as_slice()).unwrap_or_default();
        let granted_files = config.map(|config| config.files.as_slice()).unwrap_or_default();
        let names = granted.iter().map(String::as_str);
        let offers_fallback = profile.fallback_env && offers_fallback(&profile.auth_type, names);
        let job = workload::is_job(profile);
        let own = if job { Some(REQUEST_TOKEN) } else { profile.api_key_env.as_deref() };
        let fallback = offers_fallback && own != Some(FALLBACK_VARIABLE);
        let file = profile.api_key_file.as_ref().filter(|_| !job).map(GrantedFile::path);
        let fallback = fallback.then_some(FALLBACK_VARIABLE);
        Sends { own, job, file, fallback, granted, granted_files }
    }
}

/// What a profile is before any file says something about it.
static DEFAULT_PROFILE: LazyLock<ProviderProfile> = LazyLock::new(|| ProviderProfile::new(""));

/// What a strategy is before any file says something about it.
static UNCONFIGURED_STRATEGY: LazyLock<StrategyConfig> = LazyLock::new(|| StrategyConfig {
    auth_type: String::new(),
    component: None,
    env: Vec::new(),
    files: Vec::new(),
    origins: Vec::new(),
    readable: Vec::new(),
    reveal: false,
    limits: Limits::default(),
});

/// Returns the settings whose values differ. Both lists have the same keys.
fn differing<'a>(before: Vec<Setting<'a>>, after: Vec<Setting<'a>>) -> Vec<Change<'a>> {
    let pairs = before.into_iter().zip(after);
    let changed = pairs.filter(|(before, after)| before.value != after.value);
    changed
        .map(|(before, after)| Change {
            key: after.key,
            directs_keys: after.directs_keys,
            before: before.value,
            after: after.value,
        })
        .collect()
}
