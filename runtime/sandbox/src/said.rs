//! What a strategy says, in a type that names the speaker.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use orchestration_support::redact;

/// A text of a strategy, sanitized.
///
/// It is displayed in quotes and with the strategy's name, so that no one takes it for
/// the product's own words. A built-in strategy is part of the product, and its texts
/// are displayed as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Said {
    /// The auth type of the strategy; `None` if it is built in.
    stranger: Option<Arc<str>>,
    text: String,
}

impl Said {
    /// Creates a text of a strategy, which must be sanitized: of the `stranger` with this
    /// auth type, or of a built-in one.
    pub fn new(stranger: Option<Arc<str>>, text: String) -> Self {
        Self { stranger, text }
    }

    /// Returns the auth type of the strategy, or `None` if it is built in.
    pub fn stranger(&self) -> Option<&str> {
        self.stranger.as_deref()
    }

    /// Returns the text alone: for data with a field of its own for the speaker, and
    /// never for a sentence.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text as a noun of a sentence: `strategy 'x', which says: "ada"`, or the
    /// text alone if the strategy is built in.
    ///
    /// ```
    /// use orchestration_sandbox::Said;
    ///
    /// let account = |stranger: Option<&str>| Said::new(stranger.map(Into::into), "ada".into());
    /// assert_eq!(account(None).as_noun(), "ada");
    /// assert_eq!(account(Some("x")).as_noun(), "strategy 'x', which says: \"ada\"");
    /// ```
    pub fn as_noun(&self) -> Cow<'_, str> {
        match &self.stranger {
            None => self.text.as_str().into(),
            Some(name) => format!("strategy '{name}', which says: {}", self.quoted()).into(),
        }
    }

    /// Returns the text in quotes, for a sentence that has named the speaker; without
    /// quotes if the strategy is built in.
    pub fn quoted(&self) -> Cow<'_, str> {
        match self.stranger {
            None => self.text.as_str().into(),
            Some(_) => redact::quote(&self.text).into(),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stranger {
            None => f.write_str(&self.text),
            Some(name) => write!(f, "strategy '{name}' says: {}", self.quoted()),
        }
    }
}
