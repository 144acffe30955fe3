//! What an answer means.

use serde_json::Value;

/// That an answer like this means that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    status: u16,
    body: Body,
    means: Means,
}

/// What the body of an answer has to be for a rule to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Anything.
    Any,
    /// JSON, an object or an array: what an API answers and a login page, with
    /// which a proxy may answer in its place, does not.
    Json,
    /// JSON that holds this, written without blanks.
    Says(&'static str),
}

/// What is said about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Valid,
    Invalid,
}

/// The key is good.
pub(super) const fn good(status: u16) -> Rule {
    Rule { status, body: Body::Json, means: Means::Valid }
}

/// The key is good, where the body says so.
pub(super) const fn good_if(status: u16, says: &'static str) -> Rule {
    Rule { status, body: Body::Says(says), means: Means::Valid }
}

/// The key is no good.
pub(super) const fn bad(status: u16) -> Rule {
    Rule { status, body: Body::Any, means: Means::Invalid }
}

/// The key is no good, where the body says so.
pub(super) const fn bad_if(status: u16, says: &'static str) -> Rule {
    Rule { status, body: Body::Says(says), means: Means::Invalid }
}

/// The status alone says it.
pub(super) const fn status(status: u16, means: Means) -> Rule {
    Rule { status, body: Body::Any, means }
}

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
