//! The profiles and strategies that are in effect.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use orchestration_support::redact;

use super::provenance::{Field, Layer, Origin, Place, Provenance};
use crate::error::ProviderError;
use crate::profile::ProviderProfile;
use crate::registry_trust::RegistryTrust;
use crate::strategy_config::{StrategyConfig, has_service};

/// The profiles and strategies that are in effect: the built-in profiles, and what
/// files add or change.
///
/// ```
/// use std::path::Path;
///
/// use orchestration_auth::ProvidersToml;
///
/// let text = r#"
///     [profiles.corp]
///     base_url = "https://llm.corp.example/v1"
///     api_key_env = "CORP_KEY"
/// "#;
/// let providers = ProvidersToml::parse(Path::new("providers.toml"), text.as_bytes())?;
/// assert_eq!(providers.profile("corp")?.api_key_env.as_deref(), Some("CORP_KEY"));
/// assert_eq!(providers.place("corp").map(|place| place.line), Some(2));
/// assert!(providers.profile("openai").is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProvidersToml {
    pub(super) profiles: BTreeMap<String, Arc<ProviderProfile>>,
    pub(super) strategies: BTreeMap<String, StrategyConfig>,
    pub(super) registry_trust: Vec<RegistryTrust>,
    pub(super) provenance: Provenance,
    pub(super) unused: Option<Unused>,
}

impl ProvidersToml {
    /// Returns the built-in profiles only.
    pub fn built_in() -> Self {
        let profiles = ProviderProfile::built_in();
        let profiles = profiles.into_iter().map(|profile| (profile.name.clone(), profile.into()));
        Self {
            profiles: profiles.collect(),
            strategies: BTreeMap::new(),
            registry_trust: Vec::new(),
            provenance: Provenance::default(),
            unused: None,
        }
    }

    /// Adds this strategy, replacing the one of the same auth type.
    #[must_use]
    pub fn with_strategy(mut self, strategy: StrategyConfig) -> Self {
        self.strategies.insert(strategy.auth_type.clone(), strategy);
        self
    }

    /// Returns every profile, sorted by name.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &Arc<ProviderProfile>> {
        self.profiles.values()
    }

    /// Returns the position of the profile in the topmost layer that contains it;
    /// `None` for a built-in profile that no file changes.
    pub fn place(&self, profile: &str) -> Option<Place<'_>> {
        self.provenance.place(profile)
    }

    /// Returns where a value of the profile comes from.
    pub fn origin(&self, profile: &str, field: Field) -> Origin<'_> {
        self.provenance.origin(profile, field)
    }

    /// Returns the project's file, if there is one and it is used.
    pub fn project(&self) -> Option<&Path> {
        self.provenance.file(Layer::Project)
    }

    /// Returns the project's file and the reason, if there is one that is not used.
    pub fn unused(&self) -> Option<&Unused> {
        self.unused.as_ref()
    }

    /// Returns every strategy that a file configures, sorted by auth type.
    pub fn strategies(&self) -> impl ExactSizeIterator<Item = &StrategyConfig> {
        self.strategies.values()
    }

    /// Returns every rule about signatures. All that apply to a component have to be met.
    pub fn registry_trust(&self) -> &[RegistryTrust] {
        &self.registry_trust
    }

    /// Returns true if a strategy may send requests for a profile. The calls of strategies
    /// then need a tokio runtime with I/O.
    pub fn may_send_requests(&self) -> bool {
        self.strategies().any(|strategy| !strategy.origins.is_empty())
            || self
                .profiles()
                .any(|profile| profile.issuer.is_some() || has_service(&profile.auth_type))
    }

    /// Returns the profile of this name.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::UnknownProfile`] if there is none.
    pub fn profile(&self, name: &str) -> Result<&Arc<ProviderProfile>, ProviderError> {
        self.profiles.get(name).ok_or_else(|| ProviderError::UnknownProfile {
            name: redact::sanitize(name, []),
            available: self.profiles.keys().cloned().collect(),
        })
    }
}

/// A project's file that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unused {
    /// The file.
    pub path: PathBuf,
    /// The reason.
    pub reason: UnusedReason,
}

/// Why a project's file is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnusedReason {
    /// The user never trusted it.
    Unknown,
    /// It has changed since the user trusted it.
    Changed,
    /// It is a symbolic link, or is in a directory that is one.
    Link,
    /// It can't be read.
    Unreadable(String),
}
