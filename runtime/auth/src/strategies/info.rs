//! What is known about a strategy.

use orchestration_sandbox::{Description, Failure, Grant, Kept};

use super::entry::Entry;
use super::registry::Registry;
use crate::component::Component;
use crate::error::ProviderError;

/// What is known about a strategy, as `strategy list` displays it.
#[derive(Debug)]
#[non_exhaustive]
pub struct StrategyInfo {
    /// The auth type by which profiles pick it.
    pub auth_type: String,
    /// Its component; `None` for a built-in strategy.
    pub component: Option<Component>,
    /// The SHA-256 of its component, in lower-case hexadecimal.
    pub sha256: String,
    /// What providers.toml grants it, besides what a profile names.
    pub granted: Vec<Grant>,
    /// What is kept for each of its profiles; `None` if nothing is, or if it can't be loaded.
    pub keeps: Option<Kept>,
    /// Its description of itself, or why it could not be asked for one.
    pub description: Result<Description, ProviderError>,
}

impl Registry {
    /// Returns what is known about the strategy of this auth type; `None` if no strategy
    /// serves it. Loads the strategy and calls its `describe`.
    pub async fn info(&self, auth_type: &str) -> Option<StrategyInfo> {
        let with_name = |failure| ProviderError::Unusable {
            auth_type: auth_type.to_owned(),
            failure: Box::new(failure),
        };
        let entry = self.entry(auth_type)?;
        let description = self.describe(auth_type, entry).await.map_err(with_name);
        Some(StrategyInfo {
            auth_type: auth_type.to_owned(),
            component: entry.code.component().cloned(),
            sha256: entry.code.sha256().to_owned(),
            granted: entry.granted.clone(),
            keeps: entry.kept(),
            description,
        })
    }

    async fn describe(&self, auth_type: &str, entry: &Entry) -> Result<Description, Failure> {
        let loaded = self.load(auth_type, entry).await?;
        match &loaded.description {
            Some(description) => Ok(description.clone()),
            None => self.ask_description(auth_type, &entry.limits, &loaded.strategy).await,
        }
    }
}
