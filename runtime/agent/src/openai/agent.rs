//! One conversation over the chat completions API.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_openai::types::chat::ChatCompletionRequestMessage;
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use super::attempt::Chunks;
use super::connection::Connection;
use super::translation::{self, Turn};
use crate::agent::{Agent, Answer, Message};
use crate::call_error::CallError;
use crate::error::AgentError;
use crate::state::AgentState;

/// An agent whose provider speaks OpenAI's protocol.
pub(super) struct OpenAiAgent {
    shared: Arc<Shared>,
}

/// The state that an agent shares with its answer.
struct Shared {
    name: String,
    model: String,
    connection: Connection,
    conversation: Mutex<Conversation>,
    /// Becomes true when the agent is shut down, to wake up a waiting answer.
    ended: watch::Sender<bool>,
}

struct Conversation {
    state: AgentState,
    history: Vec<ChatCompletionRequestMessage>,
}

impl OpenAiAgent {
    pub(super) fn new(
        name: String,
        model: String,
        instructions: Option<&str>,
        connection: Connection,
    ) -> Self {
        let history = instructions.into_iter().map(translation::instructions).collect();
        let conversation = Mutex::new(Conversation { state: AgentState::Idle, history });
        let ended = watch::Sender::new(false);
        Self { shared: Arc::new(Shared { name, model, connection, conversation, ended }) }
    }
}

#[async_trait]
impl Agent for OpenAiAgent {
    fn name(&self) -> &str {
        &self.shared.name
    }

    fn state(&self) -> AgentState {
        self.shared.conversation().state
    }

    fn history(&self) -> Vec<serde_json::Value> {
        let history = &self.shared.conversation().history;
        history.iter().filter_map(|message| serde_json::to_value(message).ok()).collect()
    }

    async fn send(&self, text: &str) -> Result<Answer, AgentError> {
        let asked = Asked::begin(&self.shared, text)?;
        let request = translation::request(&self.shared.model, asked.messages());
        let answer = self.shared.connection.ask(&request);
        let chunks = self.shared.unless_ended(answer).await??;
        let reply = Reply {
            asked: Some(asked),
            shared: Arc::clone(&self.shared),
            chunks,
            turn: Turn::default(),
            ready: VecDeque::new(),
        };
        Ok(stream::unfold(reply, |mut reply| async { Some((reply.next().await?, reply)) }).boxed())
    }

    fn shutdown(&self) {
        self.shared.conversation().state = AgentState::Terminated;
        self.shared.ended.send_replace(true);
    }
}

impl Shared {
    fn conversation(&self) -> MutexGuard<'_, Conversation> {
        self.conversation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `work`, or fails as soon as the agent is shut down.
    async fn unless_ended<T>(&self, work: impl Future<Output = T>) -> Result<T, AgentError> {
        let mut ended = self.ended.subscribe();
        tokio::select! {
            biased;
            _ = ended.wait_for(|ended| *ended) => Err(self.not_idle(AgentState::Terminated)),
            done = work => Ok(done),
        }
    }

    fn not_idle(&self, state: AgentState) -> AgentError {
        AgentError::NotIdle { agent: self.name.clone(), state }
    }
}

/// A message that is not answered yet. Dropping it leaves the history unchanged.
struct Asked {
    shared: Arc<Shared>,
    question: Vec<ChatCompletionRequestMessage>,
}

impl Asked {
    fn begin(shared: &Arc<Shared>, text: &str) -> Result<Self, AgentError> {
        let mut conversation = shared.conversation();
        if conversation.state != AgentState::Idle {
            return Err(shared.not_idle(conversation.state));
        }
        conversation.state = AgentState::Processing;
        let question = translation::question(&conversation.history, text);
        Ok(Self { shared: Arc::clone(shared), question })
    }

    /// Returns the conversation with the message at its end.
    fn messages(&self) -> Vec<ChatCompletionRequestMessage> {
        let history = &self.shared.conversation().history;
        history.iter().chain(&self.question).cloned().collect()
    }

    /// Adds the message and its answer to the history.
    fn answered(mut self, turn: ChatCompletionRequestMessage) {
        let question = std::mem::take(&mut self.question);
        let mut conversation = self.shared.conversation();
        conversation.history.extend(question);
        conversation.history.push(turn);
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut conversation = self.shared.conversation();
        if conversation.state == AgentState::Processing {
            conversation.state = AgentState::Idle;
        }
    }
}

/// An answer in progress.
struct Reply {
    shared: Arc<Shared>,
    chunks: Chunks,
    turn: Turn,
    /// The message, until the answer has ended.
    asked: Option<Asked>,
    /// The tool calls, once the answer has ended.
    ready: VecDeque<Message>,
}

impl Reply {
    async fn next(&mut self) -> Option<Result<Message, AgentError>> {
        while self.asked.is_some() {
            match self.shared.unless_ended(self.chunks.next()).await {
                Ok(Some(Ok(chunk))) => match self.turn.take(chunk) {
                    Some(message) => return Some(Ok(message)),
                    None => continue,
                },
                // An error after the finish reason does not make the answer less complete.
                Ok(_) if self.turn.finish_reason().is_some() => self.finish(),
                Ok(ended) => {
                    let error = match ended {
                        Some(Err(error)) => error,
                        _ => CallError::Incomplete { url: self.shared.connection.displayed() },
                    };
                    self.asked = None;
                    return Some(Err(self.shared.connection.failed(error)));
                }
                Err(error) => {
                    self.asked = None;
                    return Some(Err(error));
                }
            }
        }
        self.ready.pop_front().map(Ok)
    }

    fn finish(&mut self) {
        let turn = std::mem::take(&mut self.turn);
        if let Some(reason @ ("length" | "content_filter")) = turn.finish_reason() {
            tracing::warn!(reason, "the answer was cut off by the provider");
        }
        let (calls, turn) = turn.finish();
        if let Some(asked) = self.asked.take() {
            asked.answered(turn);
        }
        self.ready.extend(calls);
    }
}
