//! Judges where a credential came from.
//!
//! A strategy can say anything, so its word decides nothing. The host knows which
//! variables and files it gave, and compares them with the key that it got back.

use std::sync::Arc;

use orchestration_support::{Secret, redact};

use crate::source::{Claim, Source, StatedSource};
use crate::state::State;

/// The fewest bytes of a key that show, where a variable contains them, that the key
/// comes from there.
const TELLING: usize = 8;

/// Returns the source of `key`, which the strategy returned and whose source it
/// states; `None` stands for no key.
pub(crate) fn source(state: &State, key: Option<&Secret>, stated: StatedSource) -> Source {
    let Some(key) = key.map(Secret::expose) else {
        return Source::NotNeeded { stranger: state.stranger() };
    };
    let explicit = state.call.explicit_key.as_ref().map(Secret::expose);
    if explicit.is_some_and(|explicit| is_part(key, explicit)) {
        return Source::Explicit;
    }
    let fitting = || state.given().filter(|(_, value)| is_part(key, value));
    let named = fitting().find(|(given, _)| given.is(&stated));
    let whole = || fitting().find(|(_, value)| value.trim() == key.trim());
    if let Some((given, _)) = named.or_else(whole).or_else(|| fitting().next()) {
        return given.source(|| state.account());
    }
    Source::Other(Box::new(claim(state, stated)))
}

fn claim(state: &State, stated: StatedSource) -> Claim {
    let used: Vec<String> = state.given().map(|(given, _)| given.name().to_owned()).collect();
    let said = match stated {
        // A strategy may use a variable without repeating any of it.
        StatedSource::Environment(name) | StatedSource::File(name) if used.contains(&name) => None,
        StatedSource::Environment(text) | StatedSource::File(text) | StatedSource::Other(text)
            if !text.is_empty() =>
        {
            Some(state.said(shortened(text)))
        }
        _ => None,
    };
    let strategy = Arc::clone(&state.subject().strategy);
    Claim { strategy, is_stranger: state.stranger().is_some(), used, said }
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
