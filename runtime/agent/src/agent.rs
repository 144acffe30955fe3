//! What can be done with an agent, whatever its provider.

use std::pin::Pin;

use async_trait::async_trait;
use futures_util::Stream;
use serde::Serialize;

use crate::error::AgentError;
use crate::state::AgentState;

/// One conversation with a model.
///
/// It keeps the history, which every request carries. Its methods take `&self`, so
/// that one task can end it while another waits for its answer. None of them blocks
/// its thread. It lives until it is shut down or dropped.
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
    /// Fails with [`AgentError::NotIdle`] if the agent is busy or terminated, and with
    /// [`AgentError::Call`] or [`AgentError::Credential`] if the provider does not
    /// begin to answer.
    async fn send(&self, text: &str) -> Result<Answer, AgentError>;

    /// Ends the agent, and the answer that it may be giving.
    fn shutdown(&self);
}

/// An answer as it arrives. An error is its last item.
pub type Answer = Pin<Box<dyn Stream<Item = Result<Message, AgentError>> + Send>>;

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
