//! Judges where a credential came from.
//!
//! A strategy can say anything, so its word decides nothing. The table of secrets knows what
//! each of them is made of. Only where a strategy added a text of its own, and was shown
//! texts that it may have repeated in it, does the host compare these with the key.

use std::sync::Arc;

use orchestration_support::redact;

use crate::capabilities::secrets::{Held, Roots};
use crate::given::Given;
use crate::source::{Claim, Source, StatedSource};
use crate::state::State;

/// The fewest bytes of a key that show, where a text contains them, that the key comes
/// from there.
const TELLING: usize = 8;

/// Returns the source of `key`, which the strategy returned and whose source it
/// states; `None` stands for no key. What it states is asked for only if it matters.
pub(crate) fn source(
    state: &State,
    key: Option<&Held>,
    stated: impl Fn() -> StatedSource,
) -> Source {
    let Some(key) = key else {
        return Source::NotNeeded { stranger: state.stranger() };
    };
    let mut made_of = state.per_call.secrets.made_of(key.roots());
    let source = match (made_of.next(), made_of.next()) {
        (Some(Given::Own), None) => repeated(state, key.text(), &stated()),
        (Some(given), None) => given.source(|| state.session()),
        _ => None,
    };
    source.unwrap_or_else(|| Source::Other(Box::new(claim(state, key.roots(), stated()))))
}

/// Returns the source of a key that the strategy wrote itself, if it only repeats what it
/// was shown.
fn repeated(state: &State, key: &str, stated: &StatedSource) -> Option<Source> {
    let fitting: Vec<(Given, &str)> = shown(state).filter(|(_, text)| is_part(key, text)).collect();
    let named = fitting.iter().find(|(given, _)| given.is(stated));
    let whole = || fitting.iter().find(|(_, text)| text.trim() == key.trim());
    let (given, _) = named.or_else(whole).or(fitting.first())?;
    given.source(|| state.session())
}

/// Returns the texts that the strategy was shown, each with what it is made of.
fn shown(state: &State) -> impl Iterator<Item = (Given, &str)> {
    let variables = state.per_call.environment.shown();
    let variables = variables.map(|(name, text)| (Given::Variable(Arc::clone(name)), text));
    let secrets = &state.per_call.secrets;
    let revealed = secrets.revealed().iter().flat_map(|held| {
        let made_of = secrets.made_of(held.roots());
        made_of.map(|given| (given.clone(), held.text()))
    });
    variables.filter(|(_, text)| !text.trim().is_empty()).chain(revealed)
}

/// Returns what is known of a key that is made of `roots`.
fn claim(state: &State, roots: Roots, stated: StatedSource) -> Claim {
    let mut made_of: Vec<Given> = state.per_call.secrets.made_of(roots).cloned().collect();
    if roots.have(Roots::OWN) {
        // A strategy may use a text without repeating any of it.
        made_of.extend(shown(state).map(|(given, _)| given));
    }
    let mut used: Vec<String> = Vec::new();
    for name in made_of.iter().filter_map(Given::name) {
        if !used.iter().any(|known| known == name) {
            used.push(name.to_owned());
        }
    }
    let said = match stated {
        // Known already.
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
