//! Where a credential came from: what the host saw, beside what the strategy says.
//!
//! A strategy can say anything, so its word decides nothing. The host knows which
//! variables it gave, and compares them with the key that it got back.

use std::fmt;
use std::sync::Arc;

use orchestration_support::{Secret, redact};
use serde::Deserialize;

use crate::bindings::orchestration::auth::types as wit;
use crate::said::Said;
use crate::state::State;

/// The source of a credential, as far as the host saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The caller passed the key explicitly.
    Explicit,
    /// The variable with this name: its value is the key, or contains it.
    Environment(String),
    /// The endpoint needs no credential, so there is none.
    NotNeeded {
        /// The auth type of the strategy that says so; `None` if it is built in.
        stranger: Option<Arc<str>>,
    },
    /// Something else. The host saw no more than the claim states.
    Other(Claim),
}

/// What is known of a credential whose source the host did not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    strategy: Arc<str>,
    is_stranger: bool,
    read: Vec<String>,
    said: Option<Said>,
}

impl Claim {
    /// Returns the auth type of the strategy.
    pub fn strategy(&self) -> &str {
        &self.strategy
    }

    /// Returns the auth type of the strategy, or `None` if it is built in.
    pub fn stranger(&self) -> Option<&str> {
        self.is_stranger.then_some(&*self.strategy)
    }

    /// Returns the variables whose values the strategy was given.
    pub fn read(&self) -> impl Iterator<Item = &str> {
        self.read.iter().map(String::as_str)
    }

    /// Returns the strategy's own words for the source, if it has any.
    pub fn said(&self) -> Option<&Said> {
        self.said.as_ref()
    }
}

/// What a sentence can name as the source of a credential.
impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (false, Some(said)) = (self.is_stranger, &self.said) {
            return said.fmt(f);
        }
        write!(f, "strategy '{}'", self.strategy)?;
        let read = self.read.join(", ");
        match (&self.said, read.as_str()) {
            (None, "") => Ok(()),
            (None, read) => write!(f, ", which read {read}"),
            (Some(said), "") => write!(f, ", which says: {}", said.quoted()),
            (Some(said), read) => write!(f, ", which read {read} and says: {}", said.quoted()),
        }
    }
}

/// The source as the strategy states it, sanitized. The conformance suite compares it
/// with what the strategy's author expects.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatedSource {
    /// The key that was passed explicitly.
    Explicit,
    /// The variable with this name.
    Environment(String),
    /// The endpoint needs no credential.
    NotNeeded,
    /// Something else, in the strategy's words.
    Other(String),
}

impl StatedSource {
    pub(crate) fn of(source: &wit::Source, sanitize: impl Fn(&str) -> String) -> Self {
        match source {
            wit::Source::Explicit => Self::Explicit,
            wit::Source::Environment(name) => Self::Environment(sanitize(name)),
            wit::Source::NotNeeded => Self::NotNeeded,
            wit::Source::Other(text) => Self::Other(sanitize(text)),
        }
    }
}

/// The fewest bytes of a key that show, where a variable contains them, that the key
/// comes from there.
const TELLING: usize = 8;

impl Source {
    /// Returns the source of `key`, which the strategy returned and whose source it
    /// states; `None` stands for no key.
    pub(crate) fn seen(state: &State, key: Option<&Secret>, stated: StatedSource) -> Self {
        let Some(key) = key.map(Secret::expose) else {
            return Self::NotNeeded { stranger: state.stranger() };
        };
        let explicit = state.call.explicit_key.as_ref().map(Secret::expose);
        if explicit.is_some_and(|explicit| is_part(key, explicit)) {
            return Self::Explicit;
        }
        let fitting = || state.given().filter(|(_, value)| is_part(key, value));
        let named = match &stated {
            StatedSource::Environment(stated) => fitting().find(|(name, _)| name == stated),
            _ => None,
        };
        let whole = || fitting().find(|(_, value)| value.trim() == key.trim());
        if let Some((name, _)) = named.or_else(whole).or_else(|| fitting().next()) {
            return Self::Environment(name.to_owned());
        }
        Self::Other(Claim::new(state, stated))
    }
}

impl Claim {
    fn new(state: &State, stated: StatedSource) -> Self {
        let read: Vec<String> = state.given().map(|(name, _)| name.to_owned()).collect();
        let said = match stated {
            // A strategy may use a variable without repeating any of it.
            StatedSource::Environment(name) if read.contains(&name) => None,
            StatedSource::Environment(text) | StatedSource::Other(text) if !text.is_empty() => {
                Some(state.said(shortened(text)))
            }
            _ => None,
        };
        let strategy = Arc::clone(&state.subject().strategy);
        Self { strategy, is_stranger: state.stranger().is_some(), read, said }
    }
}

/// The most bytes of a strategy's words for a source: they are shown in a table.
const MAX_CLAIM: usize = 128;

fn shortened(text: String) -> String {
    if text.len() <= MAX_CLAIM { text } else { format!("{}…", redact::head(&text, MAX_CLAIM)) }
}

/// Returns true if `key` is `value`, or a part of it that is no coincidence.
fn is_part(key: &str, value: &str) -> bool {
    value.trim() == key.trim() || (key.len() >= TELLING && value.contains(key))
}
