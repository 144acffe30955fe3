//! The interface of agents, independent of the provider.

use std::pin::Pin;

use async_trait::async_trait;
use futures_util::Stream;
use serde::Serialize;

use crate::error::AgentError;
use crate::state::AgentState;

/// One conversation with a model.
///
/// [`Provider::create_agent`](crate::Provider::create_agent) makes one. It keeps the
/// history, which every request carries. [`send`](Self::send) is called once for each
/// message, and again only after the previous answer has been read or dropped. The
/// methods take `&self`, so that one task can shut the agent down while another waits
/// for an answer. None of them blocks its thread. After [`shutdown`](Self::shutdown)
/// an agent can't be used again.
#[async_trait]
pub trait Agent: Send + Sync {
    /// Returns the name from its configuration, or else the profile's name.
    fn name(&self) -> &str;

    /// Returns what the agent is doing.
    fn state(&self) -> AgentState;

    /// Returns the conversation so far, each message in the form of the provider's
    /// protocol. It contains a message only once its answer is complete.
    fn history(&self) -> Vec<serde_json::Value>;

    /// Sends the user's message and waits until the answer begins, which includes
    /// retries and the renewal of the credential. The agent is busy until the answer
    /// has been read to its end or is dropped. If the answer fails or is dropped, the
    /// history stays as it was before the message.
    ///
    /// # Errors
    ///
    /// Fails with [`AgentError::NotIdle`] if the agent is busy or terminated, and with
    /// [`AgentError::Call`] or [`AgentError::Credential`] if the provider does not
    /// begin an answer.
    async fn send(&self, text: &str) -> Result<Answer, AgentError>;

    /// Shuts the agent down for good, and ends an answer in progress with
    /// [`AgentError::NotIdle`]. Returns at once.
    fn shutdown(&self);
}

/// An answer as it arrives. After an error there are no more items.
pub type Answer = Pin<Box<dyn Stream<Item = Result<Message, AgentError>> + Send>>;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// The next piece of the text.
    Text {
        /// The characters. A piece may end in the middle of a word.
        text: String,
    },
    /// The model requests the call of a tool.
    ToolCall {
        /// The provider's ID of this call.
        id: String,
        /// The name of the tool.
        name: String,
        /// The arguments as the model wrote them: JSON, but possibly malformed.
        arguments: String,
    },
}
