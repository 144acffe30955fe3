//! What an answer means.

use serde_json::Value;

use crate::catalogue::{Body, Means, Rule};

/// What an answer means by the first of `rules` that it is like; none where it
/// is like none of them.
pub(super) fn meaning(rules: &[Rule], status: u16, body: &[u8]) -> Option<Means> {
    let json = serde_json::from_slice(body).ok();
    let json = json.filter(|json: &Value| json.is_object() || json.is_array());
    let json = json.map(|json| json.to_string());
    let fits = |rule: &&Rule| {
        rule.status == status
            && match rule.body {
                Body::Any => true,
                Body::Json => json.is_some(),
                Body::Says(words) => json.as_ref().is_some_and(|json| json.contains(words)),
            }
    };
    rules.iter().find(fits).map(|rule| rule.means)
}
