//! The interface that creates agents.

use async_trait::async_trait;

use crate::agent::Agent;
use crate::config::AgentConfig;
use crate::error::AgentError;

/// Creates agents for one kind of provider, i.e. one protocol.
///
/// A program makes one at startup and calls
/// [`create_agent`](Self::create_agent) once for each conversation, from any task and
/// concurrently. No method blocks its thread; the first call of a strategy that is
/// not built in compiles it, which may take seconds.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Returns the value of `provider` by which profiles pick it.
    fn provider_type(&self) -> &'static str;

    /// Resolves the profile, gets its credential and creates the agent. Sends nothing to
    /// the provider.
    ///
    /// # Errors
    ///
    /// Fails with [`AgentError::Credential`] if the profile is unknown or has no
    /// credential, with [`AgentError::UnknownProvider`] or [`AgentError::NoModel`] if
    /// its provider or model is missing or unknown, and with [`AgentError::Call`] if no key may be
    /// sent to its URL.
    async fn create_agent(&self, config: AgentConfig) -> Result<Box<dyn Agent>, AgentError>;

    /// Checks that an agent with this configuration would get a credential. Sends
    /// nothing to the provider.
    ///
    /// # Errors
    ///
    /// Fails with [`AgentError::Credential`] or [`AgentError::UnknownProvider`] if it
    /// would not.
    async fn validate_credentials(&self, config: &AgentConfig) -> Result<(), AgentError>;
}
