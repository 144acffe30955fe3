//! What a page answered, as the address says that it led back to.

use orchestration_support::{Secret, redact};
use ring::digest::{SHA256, digest};
use url::form_urlencoded;

/// The most bytes that are shown of a server's words.
const MAX_WORDS: usize = 512;

/// What a page answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// A code.
    Code(Secret),
    /// The user or the server refused, in these words, sanitized.
    Refused(String),
}

/// Why a query is not the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// It has no state, or another one: it belongs to another sign-in, or to a stranger.
    OtherState,
    /// It has this state, and neither one code nor an error.
    Incomplete,
}

impl Answer {
    /// Returns what this query of an address says, if it is the answer with this state.
    pub(super) fn in_query(query: &str, state: &Secret) -> Result<Self, NoAnswer> {
        let value = |wanted: &str| {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let mut values = pairs.filter(|(name, _)| name == wanted);
            // Twice the same name could mean one thing here and another elsewhere.
            values.next().map(|(_, value)| value).filter(|_| values.next().is_none())
        };
        // By their digests, so that the time says nothing about how much of it was guessed.
        let of = |text: &str| digest(&SHA256, text.as_bytes());
        let expected = of(state.expose());
        let is_same =
            value("state").is_some_and(|answered| of(&answered).as_ref() == expected.as_ref());
        if !is_same {
            return Err(NoAnswer::OtherState);
        }
        let text = |wanted| value(wanted).filter(|text| !text.is_empty());
        match (text("code"), text("error")) {
            (Some(code), None) => Ok(Self::Code(Secret::from(&*code))),
            (None, Some(error)) => {
                let words = [error].into_iter().chain(text("error_description"));
                let words = words.collect::<Vec<_>>().join(": ");
                let words = redact::sanitize(redact::head(&words, MAX_WORDS), []);
                Ok(Self::Refused(words))
            }
            _ => Err(NoAnswer::Incomplete),
        }
    }
}
