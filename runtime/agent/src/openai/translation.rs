//! Between what an agent says and the chat completions of the protocol.
//!
//! Questions are made of async-openai's own types, which know how they look on
//! the wire. Answers are read by types of our own: of the many servers that
//! speak the protocol, few send every field that the original has, and some
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

/// What a tool that nobody can call answers. The protocol wants an answer to
/// every call before the conversation goes on.
const NO_SUCH_TOOL: &str = "No such tool can be called here.";

/// The request for an answer to `messages`, to be streamed.
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

/// What a conversation begins with.
pub(super) fn instructions(text: &str) -> ChatCompletionRequestMessage {
    ChatCompletionRequestSystemMessage::from(text).into()
}

/// What a person says after `history`, and before it an answer to every tool
/// call that the history ends with.
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
    /// What some send in place of a status, which they have already sent.
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

/// A piece of a tool call. The first has id and name; what follows has more of
/// the arguments, and the index tells to which call it belongs.
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
    /// What the provider says of an error, where this is one.
    pub(super) fn error(&self) -> Option<String> {
        self.error.as_ref().map(|error| error_text(error).unwrap_or_default())
    }
}

/// The assistant's turn, put together from the chunks of an answer.
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
    /// Takes the next chunk in, and gives the text that it adds, if any.
    pub(super) fn take(&mut self, chunk: Chunk) -> Option<Message> {
        // One answer was asked for, so there is one choice.
        let choice = chunk.choices.into_iter().next()?;
        if choice.finish_reason.is_some() {
            self.finish_reason = choice.finish_reason;
        }
        choice.delta.tool_calls.into_iter().flatten().for_each(|call| self.take_call(call));
        let refusal = choice.delta.refusal.unwrap_or_default();
        self.refusal.push_str(&refusal);
        let mut text = choice.delta.content.unwrap_or_default();
        self.text.push_str(&text);
        // A refusal is what the model says, too.
        text.push_str(&refusal);
        (!text.is_empty()).then_some(Message::Text { text })
    }

    fn take_call(&mut self, delta: CallDelta) {
        let last = self.calls.last_key_value();
        let index = delta.index.unwrap_or_else(|| match (&delta.id, last) {
            // Without an index, an id of its own begins another call.
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

    /// Why the model ended its answer; none as long as it did not.
    pub(super) fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }

    /// The tool calls, and the turn as the history has it.
    pub(super) fn finish(self) -> (Vec<Message>, ChatCompletionRequestMessage) {
        let Self { text, refusal, calls, .. } = self;
        let calls = calls.into_iter().map(|(index, call)| {
            // An id is what a tool's answer is told apart by, and not all send one.
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
            // An empty answer is one too, and the protocol wants content for it.
            content: (!text.is_empty() || (!has_calls && refusal.is_empty())).then(|| text.into()),
            refusal: Some(refusal).filter(|refusal| !refusal.is_empty()),
            tool_calls: has_calls.then(|| calls.into_iter().map(Into::into).collect()),
            ..ChatCompletionRequestAssistantMessage::default()
        };
        (messages, turn.into())
    }
}

/// What the body of an error says, from the places where servers put it.
pub(super) fn error_message(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => error_text(&value).unwrap_or_default(),
        Err(_) => {
            let text = String::from_utf8_lossy(body).into_owned();
            // The page of a proxy, say, is of no use on a terminal.
            if text.trim_start().starts_with('<') { String::new() } else { text }
        }
    }
}

fn error_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        // Gemini puts its error into an array.
        Value::Array(values) => values.first().and_then(error_text),
        Value::Object(fields) => {
            ["error", "message", "detail"].iter().find_map(|name| error_text(fields.get(*name)?))
        }
        _ => None,
    }
}
