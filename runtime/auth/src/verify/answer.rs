//! What an answer says about a key.

use serde_json::Value;

use crate::catalogue::{Body, Meaning, Rule};

/// Returns the meaning of an answer by the first of `rules` that applies; `None` if
/// none does.
pub(super) fn meaning(rules: &[Rule], status: u16, body: &[u8]) -> Option<Meaning> {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let json = json.filter(|json| json.is_object() || json.is_array());
    let text = json.as_ref().map(Value::to_string);
    let applies = |rule: &&Rule| {
        rule.status == status
            && match rule.body {
                Body::Any => true,
                Body::Json => json.as_ref().is_some_and(|json| !is_error(json)),
                Body::Models => json.as_ref().is_some_and(lists_models),
                Body::Contains(part) => text.as_ref().is_some_and(|text| text.contains(part)),
            }
    };
    rules.iter().find(applies).map(|rule| rule.meaning)
}

/// Returns true if the answer reports an error, whatever its status.
fn is_error(json: &Value) -> bool {
    json.get("error").is_some_and(|error| !error.is_null())
}

/// Returns true for a list of models: `{"data": […]}` as OpenAI and Anthropic send it,
/// `{"models": […]}` as Gemini and Ollama do, or the array only, as Together does.
fn lists_models(json: &Value) -> bool {
    if is_error(json) {
        return false;
    }
    let list = json.get("data").or_else(|| json.get("models")).unwrap_or(json);
    match list {
        Value::Array(models) => models.iter().all(is_model),
        // Ollama without any model.
        Value::Null => json.get("object").is_some_and(|kind| kind == "list"),
        _ => false,
    }
}

/// Returns true for an entry with a name, in one of the keys in use.
fn is_model(entry: &Value) -> bool {
    ["id", "name", "model"].iter().any(|key| entry.get(key).is_some_and(Value::is_string))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::lists_models;

    #[test]
    fn the_lists_of_every_known_server_are_lists_of_models() {
        for list in [
            json!({ "object": "list", "data": [{ "id": "m", "object": "model" }] }),
            json!({ "data": [{ "type": "model", "id": "m" }], "has_more": false }),
            json!({ "models": [{ "name": "models/m", "version": "1" }] }),
            json!({ "models": [{ "name": "m:latest", "model": "m:latest" }] }),
            json!({ "object": "list", "data": null }),
            json!({ "object": "list", "data": [], "error": null }),
            json!([{ "id": "m" }]),
            json!([]),
        ] {
            assert!(lists_models(&list), "{list}");
        }
    }

    #[test]
    fn other_answers_are_no_list_of_models() {
        for other in [
            json!({ "error": "no" }),
            json!({ "error": { "message": "no" }, "data": [] }),
            json!({}),
            json!({ "data": null }),
            json!({ "data": { "id": "m" } }),
            json!({ "data": "none" }),
            json!({ "data": [{ "error": "no" }] }),
            json!({ "data": ["m"] }),
            json!({ "detail": [{ "id": "m" }] }),
            json!(["m"]),
            Value::Null,
        ] {
            assert!(!lists_models(&other), "{other}");
        }
    }
}
