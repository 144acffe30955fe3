//! What an answer says about a key.

use serde_json::Value;

use crate::catalogue::{Body, Meaning, Rule};

/// Returns the meaning of an answer by the first of `rules` that applies; `None` if
/// none does.
pub(super) fn meaning(rules: &[Rule], status: u16, body: &[u8]) -> Option<Meaning> {
    let json = serde_json::from_slice(body).ok();
    let json = json.filter(|json: &Value| json.is_object() || json.is_array());
    let json = json.map(|json| json.to_string());
    let applies = |rule: &&Rule| {
        rule.status == status
            && match rule.body {
                Body::Any => true,
                Body::Json => json.is_some(),
                Body::Contains(text) => json.as_ref().is_some_and(|json| json.contains(text)),
            }
    };
    rules.iter().find(applies).map(|rule| rule.meaning)
}
