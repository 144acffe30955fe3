//! A provider on this machine that speaks the protocols of OpenAI, Anthropic and Gemini, as
//! far as the agents that others wrote need them.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::server::{EVENTS, Request, Server, status};

/// What every model says.
pub const SAID: &str = "Hello from the test";

/// Starts the provider.
pub fn start() -> Server {
    Server::with(answer)
}

/// Returns the keys that a request carries, in whichever header, without `Bearer`.
pub fn keys(request: &Request) -> Vec<&str> {
    let carries =
        |name: &str| ["authorization", "x-api-key", "api-key", "x-goog-api-key"].contains(&name);
    let values = request.headers.iter().filter(|(name, _)| carries(name));
    values.map(|(_, value)| value.strip_prefix("Bearer ").unwrap_or(value)).collect()
}

/// Returns true if a model was asked, and not for a list of models or the like.
pub fn asks_a_model(request: &Request) -> bool {
    request.line.starts_with("POST ") && answer_of(request).is_some()
}

/// Answers a request as a model, or with a status that no client expects.
///
/// # Errors
///
/// Fails if the client has gone.
pub fn answer(request: &Request, stream: &mut dyn Write) -> io::Result<()> {
    let json =
        |body: &Value| status("200 OK", &[("content-type", "application/json")], &body.to_string());
    let answer = match answer_of(request).filter(|_| request.line.starts_with("POST ")) {
        Some(Answer::Whole(body)) => json(&body),
        Some(Answer::Events(events)) => format!("{EVENTS}{events}"),
        None if request.line.starts_with("GET ") && request.line.contains("/models") => {
            json(&json!({ "object": "list", "data": [], "models": [] }))
        }
        None => status("404 Not Found", &[], "{}"),
    };
    stream.write_all(answer.as_bytes())
}

enum Answer {
    Whole(Value),
    Events(String),
}

fn answer_of(request: &Request) -> Option<Answer> {
    let target = request.line.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let asked: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let streams = asked["stream"] == true;
    let answer = if path.ends_with("/chat/completions") {
        chat(streams)
    } else if path.ends_with("/responses") {
        responses(streams)
    } else if path.ends_with("/messages") {
        messages(streams)
    } else if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
        gemini(path.contains(":stream"))
    } else {
        return None;
    };
    Some(answer)
}

/// Events with their type as their name, which all but the first protocol have.
fn named(events: &[Value]) -> Answer {
    let text = |event: &Value| {
        let name = event["type"].as_str().unwrap_or_default();
        format!("event: {name}\ndata: {event}\n\n")
    };
    Answer::Events(events.iter().map(text).collect())
}

fn chat(streams: bool) -> Answer {
    if !streams {
        let message = json!({ "role": "assistant", "content": SAID });
        let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
        let usage = json!({ "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 });
        return Answer::Whole(json!({
            "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [choice], "usage": usage,
        }));
    }
    let chunk = |delta: Value, reason: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
        let chunk = json!({
            "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [choice],
        });
        format!("data: {chunk}\n\n")
    };
    let first = chunk(json!({ "role": "assistant", "content": SAID }), Value::Null);
    let last = chunk(json!({}), json!("stop"));
    Answer::Events(format!("{first}{last}data: [DONE]\n\n"))
}

fn responses(streams: bool) -> Answer {
    let part = json!({ "type": "output_text", "text": SAID, "annotations": [] });
    let item = |status: &str, content: Value| {
        let role = "assistant";
        json!({ "type": "message", "id": "m1", "role": role, "status": status, "content": content })
    };
    let done = item("completed", json!([part]));
    let response = |status: &str, output: Value| {
        json!({
            "id": "r1", "object": "response", "created_at": 1, "status": status, "model": "m",
            "output": output,
            "usage": {
                "input_tokens": 1, "input_tokens_details": { "cached_tokens": 0 },
                "output_tokens": 1, "output_tokens_details": { "reasoning_tokens": 0 },
                "total_tokens": 2,
            },
        })
    };
    let whole = response("completed", json!([done]));
    if !streams {
        return Answer::Whole(whole);
    }
    let empty = json!({ "type": "output_text", "text": "", "annotations": [] });
    named(&[
        json!({ "type": "response.created", "response": response("in_progress", json!([])) }),
        json!({
            "type": "response.output_item.added", "output_index": 0,
            "item": item("in_progress", json!([])),
        }),
        json!({
            "type": "response.content_part.added", "item_id": "m1", "output_index": 0,
            "content_index": 0, "part": empty,
        }),
        json!({
            "type": "response.output_text.delta", "item_id": "m1", "output_index": 0,
            "content_index": 0, "delta": SAID,
        }),
        json!({ "type": "response.output_item.done", "output_index": 0, "item": done }),
        json!({ "type": "response.completed", "response": whole }),
    ])
}

fn messages(streams: bool) -> Answer {
    let message = |content: Value, reason: Value| {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": content, "stop_reason": reason, "stop_sequence": null,
            "usage": { "input_tokens": 1, "output_tokens": 1 },
        })
    };
    if !streams {
        let content = json!([{ "type": "text", "text": SAID }]);
        return Answer::Whole(message(content, json!("end_turn")));
    }
    let block = json!({ "type": "text", "text": "" });
    let delta = json!({ "type": "text_delta", "text": SAID });
    let end = json!({ "stop_reason": "end_turn", "stop_sequence": null });
    named(&[
        json!({ "type": "message_start", "message": message(json!([]), Value::Null) }),
        json!({ "type": "content_block_start", "index": 0, "content_block": block }),
        json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": end, "usage": { "output_tokens": 1 } }),
        json!({ "type": "message_stop" }),
    ])
}

fn gemini(streams: bool) -> Answer {
    let content = json!({ "role": "model", "parts": [{ "text": SAID }] });
    let whole = json!({
        "candidates": [{ "content": content, "finishReason": "STOP", "index": 0 }],
        "usageMetadata": {
            "promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2,
        },
        "modelVersion": "m",
    });
    if streams { Answer::Events(format!("data: {whole}\n\n")) } else { Answer::Whole(whole) }
}
