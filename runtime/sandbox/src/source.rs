//! The source of a credential: what the host saw, beside what the strategy says.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use crate::bindings::orchestration::auth::types as wit;
use crate::said::Said;

/// The source of a credential, as far as the host saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The caller passed the key explicitly.
    Explicit,
    /// The variable with this name: the key is made of its value, and of nothing else.
    Environment(String),
    /// The file with this path: the key is made of its content, and of nothing else.
    File(String),
    /// The session that the host keeps for the strategy: the key is made of its secrets,
    /// and of nothing else.
    Session {
        /// Whose it is, in the strategy's words.
        account: Option<Said>,
        /// Whether the next credential is got without the user when this one ends.
        renews: bool,
    },
    /// The key that the user stored, and nothing else.
    StoredKey,
    /// The endpoint needs no credential, so there is none.
    NotNeeded {
        /// The auth type of the strategy that says so; `None` if it is built in.
        stranger: Option<Arc<str>>,
    },
    /// Something else. The host saw no more than the claim states.
    Other(Box<Claim>),
}

/// What is known of a credential whose source the host did not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub(crate) strategy: Arc<str>,
    pub(crate) is_stranger: bool,
    pub(crate) used: Vec<String>,
    pub(crate) said: Option<Said>,
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

    /// Returns the variables, files and servers that the credential is made of, and those
    /// whose text the strategy may have used in it.
    pub fn used(&self) -> impl Iterator<Item = &str> {
        self.used.iter().map(String::as_str)
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
        let used = self.used.join(", ");
        match (&self.said, used.as_str()) {
            (None, "") => Ok(()),
            (None, used) => write!(f, ", which used {used}"),
            (Some(said), "") => write!(f, ", which says: {}", said.quoted()),
            (Some(said), used) => write!(f, ", which used {used} and says: {}", said.quoted()),
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
    /// The file with this path.
    File(String),
    /// The session that the host keeps.
    Session,
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
            wit::Source::File(path) => Self::File(sanitize(path)),
            wit::Source::Session => Self::Session,
            wit::Source::NotNeeded => Self::NotNeeded,
            wit::Source::Other(text) => Self::Other(sanitize(text)),
        }
    }
}
