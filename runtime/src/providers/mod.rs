//! The way from a profile to an agent that speaks with its provider.

mod error;
mod openai;

use async_trait::async_trait;

pub use error::{CallError, SentKey};
pub use openai::OpenAiCompatibleProvider;

use crate::{Agent, AgentConfig, ProviderError};

/// A kind of provider, by the protocol that it speaks.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The name by which profiles ask for it.
    fn provider_type(&self) -> &'static str;

    /// Resolves the profile, gets its credential and makes the agent. Nothing
    /// is sent to the provider yet.
    ///
    /// # Errors
    ///
    /// Fails where the profile is unknown, names another kind of provider or a
    /// URL that no key may be sent to, where no model is named, and where the
    /// strategy has no credential.
    async fn create_agent(&self, config: AgentConfig) -> Result<Box<dyn Agent>, ProviderError>;

    /// Whether an agent of this configuration would get a credential. Nothing
    /// is sent to the provider.
    ///
    /// # Errors
    ///
    /// Fails where it would not, with the reason.
    async fn validate_credentials(&self, config: &AgentConfig) -> Result<(), ProviderError>;
}
