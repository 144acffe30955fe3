//! Agents: what one is made from, and what can be done with it whatever its
//! provider is.

use std::pin::Pin;

use async_trait::async_trait;
use futures_util::Stream;
use serde::Serialize;

use crate::{Headers, ProviderError, Secret};

/// How one agent reaches its provider, and what it is told to be. What is set
/// here goes before what the profile says.
#[derive(Debug, Clone, Default)]
pub struct AgentConfig {
    /// The agent's name, for whoever has several.
    pub name: String,
    /// The kind of provider, e.g. `openai`.
    pub provider: Option<String>,
    /// The model that answers.
    pub model: Option<String>,
    /// What the model is told before the conversation begins.
    pub instructions: Option<String>,
    /// A key given by hand; it goes before every variable.
    pub api_key: Option<Secret>,
    /// The URL that requests go to.
    pub base_url: Option<String>,
    /// Settings around the credential.
    pub credentials: CredentialConfig,
    /// The profile that the rest is taken from; none for an agent that stands
    /// on this configuration alone.
    pub profile: Option<String>,
}

/// Settings around the credential of one agent.
#[derive(Debug, Clone, Default)]
pub struct CredentialConfig {
    /// The variable that holds the key, where no profile names one.
    pub api_key_env: Option<String>,
    /// Headers that every request carries, besides those of the profile.
    pub default_headers: Headers,
}

/// One conversation with a model.
///
/// It keeps the history, which every request carries. Its methods take `&self`,
/// so that one task can end it while another waits for its answer.
#[async_trait]
pub trait Agent: Send + Sync {
    /// The name that its configuration gave it; that of the profile, if none.
    fn name(&self) -> &str;

    /// What it is doing.
    fn state(&self) -> AgentState;

    /// The conversation so far, each message as the provider's protocol has it.
    /// Only what was asked and answered whole is in it.
    fn history(&self) -> Vec<serde_json::Value>;

    /// Sends what a person says and waits until the answer begins. The agent is
    /// busy until the answer has been read to its end, or is dropped: then, and
    /// where the answer fails, it is as if nothing had been said.
    ///
    /// # Errors
    ///
    /// Fails where the agent is busy or terminated, and where the provider does
    /// not begin to answer.
    async fn send(&self, text: &str) -> Result<Answer, ProviderError>;

    /// Ends the agent, and the answer that it may be giving.
    fn shutdown(&self);
}

/// An answer as it arrives. An error is its last item.
pub type Answer = Pin<Box<dyn Stream<Item = Result<Message, ProviderError>> + Send>>;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// The next piece of the text.
    Text {
        /// Some characters: a piece may end in the middle of a word.
        text: String,
    },
    /// The model asks for a tool to be called.
    ToolCall {
        /// What the provider calls this call.
        id: String,
        /// The tool.
        name: String,
        /// Its arguments, as JSON in the model's own writing, which may be wrong.
        arguments: String,
    },
}

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// It waits to be asked.
    Idle,
    /// It was asked, and its answer has not been read to the end.
    Processing,
    /// It was shut down, for good.
    Terminated,
}
