//! The profiles and strategies of this user, whatever wrote them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use orchestration_support::redact;

use super::provenance::{Field, Layer, Origin, Place, Provenance};
use crate::error::ProviderError;
use crate::profile::ProviderProfile;
use crate::strategy_config::StrategyConfig;

/// The profiles: the built-in ones, and those that files add or change.
#[derive(Debug, Clone)]
pub struct ProvidersToml {
    pub(super) profiles: BTreeMap<String, Arc<ProviderProfile>>,
    pub(super) strategies: BTreeMap<String, StrategyConfig>,
    pub(super) provenance: Provenance,
    pub(super) unused: Option<Unused>,
}

impl ProvidersToml {
    /// The built-in profiles alone.
    pub fn built_in() -> Self {
        let profiles = ProviderProfile::built_in();
        let profiles = profiles.into_iter().map(|profile| (profile.name.clone(), profile.into()));
        Self {
            profiles: profiles.collect(),
            strategies: BTreeMap::new(),
            provenance: Provenance::default(),
            unused: None,
        }
    }

    /// The same with this strategy, in the place of one of its auth type.
    #[must_use]
    pub fn with_strategy(mut self, strategy: StrategyConfig) -> Self {
        self.strategies.insert(strategy.auth_type.clone(), strategy);
        self
    }

    /// Every profile, sorted by name.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &Arc<ProviderProfile>> {
        self.profiles.values()
    }

    /// Where the profile is written: in the topmost layer that has it. None for a
    /// built-in one that no file mentions.
    pub fn place(&self, profile: &str) -> Option<Place<'_>> {
        self.provenance.place(profile)
    }

    /// Where a value of the profile comes from.
    pub fn origin(&self, profile: &str, field: Field) -> Origin<'_> {
        self.provenance.origin(profile, field)
    }

    /// The project's file, where there is one that is used.
    pub fn project(&self) -> Option<&Path> {
        self.provenance.file(Layer::Project)
    }

    /// The project's file, where there is one that is not used, and why.
    pub fn unused(&self) -> Option<&Unused> {
        self.unused.as_ref()
    }

    /// Every strategy that files configure, sorted by auth type.
    pub fn strategies(&self) -> impl ExactSizeIterator<Item = &StrategyConfig> {
        self.strategies.values()
    }

    /// The profile of this name.
    ///
    /// # Errors
    ///
    /// Fails with the names that there are, where there is none of this name.
    pub fn profile(&self, name: &str) -> Result<&Arc<ProviderProfile>, ProviderError> {
        self.profiles.get(name).ok_or_else(|| ProviderError::UnknownProfile {
            name: redact::sanitize(name, []),
            available: self.profiles.keys().cloned().collect(),
        })
    }
}

/// Why a project's file is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: UnusedReason,
}

/// Why a project's file is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnusedReason {
    /// The user never trusted it.
    Unknown,
    /// It was changed since the user trusted it.
    Changed,
    /// It is a symbolic link, or lies behind one.
    Link,
    /// It can't be read.
    Unreadable(String),
}
