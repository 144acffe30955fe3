//! Translates between agents and the chat completions API.
//!
//! Requests use async-openai's types. Answers are parsed with types of our own: few of
//! the servers that speak the protocol send every field that OpenAI sends, and some
//! report an error in the middle of a stream.

use std::collections::BTreeMap;

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls,
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestMessage,
    ChatCompletionRequestSystemMessage, ChatCompletionRequestToolMessage,
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, FunctionCall,
};
use serde::Deserialize;
use serde_json::Value;

use crate::agent::Message;

/// The result of every tool call, since agents have no tools. The protocol requires a
/// result for each call before the conversation continues.
const NO_SUCH_TOOL: &str = "No such tool can be called here.";

/// Returns a request for a streamed answer to `messages`.
pub(super) fn request(
    model: &str,
    messages: Vec<ChatCompletionRequestMessage>,
) -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: model.to_owned(),
        messages,
        stream: Some(true),
        ..CreateChatCompletionRequest::default()
    }
}

/// Returns the message that begins a conversation.
pub(super) fn instructions(text: &str) -> ChatCompletionRequestMessage {
    ChatCompletionRequestSystemMessage::from(text).into()
}

/// Returns the user's message, preceded by a result for every tool call at the end of
/// `history`.
pub(super) fn question(
    history: &[ChatCompletionRequestMessage],
    text: &str,
) -> Vec<ChatCompletionRequestMessage> {
    let calls = match history.last() {
        Some(ChatCompletionRequestMessage::Assistant(turn)) => turn.tool_calls.as_deref(),
        _ => None,
    };
    let ids = calls.unwrap_or_default().iter().map(|call| match call {
        ChatCompletionMessageToolCalls::Function(call) => call.id.clone(),
        ChatCompletionMessageToolCalls::Custom(call) => call.id.clone(),
    });
    let unanswered = ids.map(|tool_call_id| {
        let content = NO_SUCH_TOOL.into();
        ChatCompletionRequestToolMessage { content, tool_call_id }.into()
    });
    unanswered.chain([ChatCompletionRequestUserMessage::from(text).into()]).collect()
}

/// One event of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    /// The error of a server that has already sent a successful status.
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

/// A piece of a tool call. The first has ID and name, later ones have more of the
/// arguments. The index says which call it belongs to.
#[derive(Debug, Deserialize)]
struct CallDelta {
    index: Option<u32>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Debug, Deserialize)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

impl Chunk {
    /// Returns the provider's message if this is an error.
    pub(super) fn error(&self) -> Option<String> {
        self.error.as_ref().map(|error| error_text(error).unwrap_or_default())
    }
}

/// The assistant's turn, assembled from the chunks of an answer.
#[derive(Debug, Default)]
pub(super) struct Turn {
    text: String,
    refusal: String,
    calls: BTreeMap<u32, FunctionCallParts>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default)]
struct FunctionCallParts {
    id: String,
    name: String,
    arguments: String,
}

impl Turn {
    /// Adds the next chunk, and returns its text, if any.
    pub(super) fn take(&mut self, chunk: Chunk) -> Option<Message> {
        // The request asks for one answer, so there is one choice.
        let choice = chunk.choices.into_iter().next()?;
        if choice.finish_reason.is_some() {
            self.finish_reason = choice.finish_reason;
        }
        choice.delta.tool_calls.into_iter().flatten().for_each(|call| self.take_call(call));
        let refusal = choice.delta.refusal.unwrap_or_default();
        self.refusal.push_str(&refusal);
        let mut text = choice.delta.content.unwrap_or_default();
        self.text.push_str(&text);
        // A refusal is text for the user, too.
        text.push_str(&refusal);
        (!text.is_empty()).then_some(Message::Text { text })
    }

    fn take_call(&mut self, delta: CallDelta) {
        let last = self.calls.last_key_value();
        let index = delta.index.unwrap_or_else(|| match (&delta.id, last) {
            // Without an index, a new ID begins another call.
            (Some(id), Some((index, call))) if *id != call.id => index + 1,
            (_, Some((index, _))) => *index,
            (_, None) => 0,
        });
        let call = self.calls.entry(index).or_default();
        if let Some(id) = delta.id.filter(|id| !id.is_empty()) {
            call.id = id;
        }
        let Some(function) = delta.function else { return };
        if let Some(name) = function.name.filter(|name| *name != call.name) {
            call.name.push_str(&name);
        }
        call.arguments.push_str(&function.arguments.unwrap_or_default());
    }

    /// Returns why the model ended its answer; `None` until it has.
    pub(super) fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }

    /// Returns the tool calls, and the turn in the form of the history.
    pub(super) fn finish(self) -> (Vec<Message>, ChatCompletionRequestMessage) {
        let Self { text, refusal, calls, .. } = self;
        let calls = calls.into_iter().map(|(index, call)| {
            // Results are matched to calls by ID, and some servers send none.
            let id = if call.id.is_empty() { format!("call_{index}") } else { call.id };
            let function = FunctionCall { name: call.name, arguments: call.arguments };
            ChatCompletionMessageToolCall { id, function }
        });
        let calls: Vec<ChatCompletionMessageToolCall> = calls.collect();
        let messages = calls.iter().map(|call| Message::ToolCall {
            id: call.id.clone(),
            name: call.function.name.clone(),
            arguments: call.function.arguments.clone(),
        });
        let messages = messages.collect();
        let has_calls = !calls.is_empty();
        let turn = ChatCompletionRequestAssistantMessage {
            // The protocol requires content even for an empty answer.
            content: (!text.is_empty() || (!has_calls && refusal.is_empty())).then(|| text.into()),
            refusal: Some(refusal).filter(|refusal| !refusal.is_empty()),
            tool_calls: has_calls.then(|| calls.into_iter().map(Into::into).collect()),
            ..ChatCompletionRequestAssistantMessage::default()
        };
        (messages, turn.into())
    }
}

/// Returns the message in the body of an error, wherever the server put it.
pub(super) fn error_message(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => error_text(&value).unwrap_or_default(),
        Err(_) => {
            let text = String::from_utf8_lossy(body).into_owned();
            // An HTML page, e.g. a proxy's, is of no use on a terminal.
            if text.trim_start().starts_with('<') { String::new() } else { text }
        }
    }
}

fn error_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        // Gemini wraps its error in an array.
        Value::Array(values) => values.first().and_then(error_text),
        Value::Object(fields) => {
            ["error", "message", "detail"].iter().find_map(|name| error_text(fields.get(*name)?))
        }
        _ => None,
    }
}
