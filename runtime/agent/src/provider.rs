//! The way from a configuration to an agent.

use async_trait::async_trait;

use crate::agent::Agent;
use crate::config::AgentConfig;
use crate::error::AgentError;

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
    /// Fails with [`AgentError::Credential`] if the profile is unknown or has no
    /// credential, with [`AgentError::UnknownProvider`] or [`AgentError::NoModel`] if
    /// it names none that can be used, and with [`AgentError::Call`] if no key may be
    /// sent to its URL.
    async fn create_agent(&self, config: AgentConfig) -> Result<Box<dyn Agent>, AgentError>;

    /// Whether an agent of this configuration would get a credential. Nothing
    /// is sent to the provider.
    ///
    /// # Errors
    ///
    /// Fails with the reason if it would not, as
    /// [`create_agent`](Self::create_agent) does.
    async fn validate_credentials(&self, config: &AgentConfig) -> Result<(), AgentError>;
}
