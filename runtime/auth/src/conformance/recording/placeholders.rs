//! Texts that stand for secrets.

use orchestration_support::{Secret, redact};
use serde_json::Value;

/// The fewest bytes of a text that is no chance in another one. A shorter secret is
/// replaced only where it is the whole text.
const LONG: usize = 8;

/// The secrets that were found so far, each with its placeholder.
#[derive(Default)]
pub(super) struct Placeholders {
    known: Vec<(Secret, String)>,
    /// What was used as a secret without being found anywhere, e.g. a signature.
    used: Vec<Secret>,
}

impl Placeholders {
    /// Returns the placeholders of a call that used these texts as secrets.
    pub(super) fn of_call(used: Vec<Secret>) -> Self {
        Self { known: Vec::new(), used }
    }

    /// Returns what stands for `secret`, always the same. White space around a secret is
    /// dropped, since strategies keep it in one place and not in another.
    pub(super) fn hide(&mut self, secret: &str) -> String {
        let secret = secret.trim();
        if secret.is_empty() {
            return String::new();
        }
        if let Some(placeholder) = self.of(secret) {
            return placeholder.to_owned();
        }
        // The letters make it a text that no message has by chance.
        let placeholder = format!("placeholder-{:04}-Jd7Vw3nT8kQ", self.known.len() + 1);
        self.known.push((Secret::from(secret), placeholder.clone()));
        placeholder
    }

    /// Returns what stands for the value of a variable or a file. JSON keeps its form, so
    /// that a strategy can pick texts out of it.
    pub(super) fn hide_value(&mut self, value: &str) -> String {
        match serde_json::from_str::<Value>(value) {
            Ok(mut json @ (Value::Object(_) | Value::Array(_))) => {
                self.hide_leaves(&mut json, "", &|_, _| false);
                json.to_string()
            }
            _ => self.hide(value),
        }
    }

    /// Replaces every text in `json`, which is at `pointer`, except those that `is_public`
    /// by pointer and text. A number is replaced if it was used as a secret.
    pub(super) fn hide_leaves(
        &mut self,
        json: &mut Value,
        pointer: &str,
        is_public: &impl Fn(&str, &str) -> bool,
    ) {
        match json {
            Value::Object(members) => {
                for (name, member) in members {
                    let step = name.replace('~', "~0").replace('/', "~1");
                    self.hide_leaves(member, &format!("{pointer}/{step}"), is_public);
                }
            }
            Value::Array(items) => {
                for (number, item) in items.iter_mut().enumerate() {
                    self.hide_leaves(item, &format!("{pointer}/{number}"), is_public);
                }
            }
            Value::String(text) if !is_public(pointer, text) => *text = self.hide(text),
            Value::Number(number) => {
                let number = number.to_string();
                if self.used.iter().any(|used| used.expose() == number) {
                    *json = self.hide(&number).into();
                }
            }
            Value::String(_) | Value::Null | Value::Bool(_) => {}
        }
    }

    /// Returns the placeholder of a text that is a known secret.
    pub(super) fn of(&self, text: &str) -> Option<&str> {
        let is_it = |(secret, _): &&(Secret, String)| secret.expose() == text.trim();
        self.known.iter().find(is_it).map(|(_, placeholder)| placeholder.as_str())
    }

    /// Returns true if `text` was used as a secret.
    pub(super) fn is_used(&self, text: &str) -> bool {
        self.used.iter().any(|used| used.expose() == text)
    }

    /// Returns `text` with every known secret in it replaced.
    pub(super) fn replace(&self, text: &str) -> String {
        if let Some(placeholder) = self.of(text) {
            return placeholder.to_owned();
        }
        let mut known: Vec<_> =
            self.known.iter().filter(|(secret, _)| secret.expose().len() >= LONG).collect();
        // The longest first: another one may be a part of it.
        known.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.expose().len()));
        let replace = |text: String, (secret, placeholder): &(Secret, String)| {
            text.replace(secret.expose(), placeholder)
        };
        known.into_iter().fold(text.to_owned(), replace)
    }

    /// Returns true if `text` has a secret of the call, as it is or encoded.
    pub(super) fn are_missing_in(&self, text: &str) -> bool {
        let secrets = self.known.iter().map(|(secret, _)| secret).chain(&self.used);
        let secrets = secrets.map(Secret::expose).filter(|secret| secret.trim().len() >= LONG);
        redact::repeats_secret(text, secrets)
    }
}
