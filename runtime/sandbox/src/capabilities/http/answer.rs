//! What a strategy gets of an answer.

use std::sync::Arc;

use orchestration_support::json::Json;
use orchestration_support::redact;
use wasmtime::component::{ComponentType, Lower};

use super::public::{MAX_NUMBER, MAX_TEXT, is_public_text};
use super::request::Wanted;
use crate::bindings::orchestration::auth::http::HttpError;
use crate::capabilities::secrets::{Held, Table};

/// The `response` of the contract. The generated type has plain strings, which wasmtime
/// would free unwiped.
#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) read: Vec<(Arc<str>, Arc<str>)>,
    pub(super) unreadable: Vec<Arc<str>>,
    pub(super) taken: Vec<Arc<str>>,
}

/// What is in an answer of what is wanted.
#[derive(Default)]
pub(super) struct Found<'a> {
    /// Texts that the strategy may read, each with its pointer.
    pub(super) read: Vec<(&'a str, Reading)>,
    /// Pointers to texts that it may not read.
    pub(super) unreadable: Vec<&'a str>,
    /// New secrets, each with its name. An empty text is none.
    pub(super) taken: Vec<(&'a str, Held)>,
}

/// A text that a strategy reads.
pub(super) struct Reading {
    pub(super) text: Held,
    /// It can be read only because everything can.
    pub(super) is_revealed: bool,
}

/// What a strategy may read.
pub(super) struct Rights<'a> {
    /// It may read everything.
    pub(super) reveal: bool,
    /// Returns true if the text at this pointer is granted.
    pub(super) grants: &'a dyn Fn(&str) -> bool,
}

impl<'a> Found<'a> {
    /// Returns what `body` has of what is wanted. `secrets` are those that the strategy has
    /// names for.
    ///
    /// # Errors
    ///
    /// Fails with [`HttpError::Leak`] if a text that can be read contains a secret, old or
    /// new.
    pub(super) fn of(
        body: &[u8],
        wanted: &Wanted<'a>,
        rights: &Rights<'_>,
        secrets: &Table,
    ) -> Result<Self, HttpError> {
        let Some(answer) = str::from_utf8(body).ok().and_then(|text| Json::parse(text).ok()) else {
            return Ok(Self::default());
        };
        let mut found = Self::default();
        for (pointer, name) in wanted.take {
            let text = answer.at(pointer).and_then(Json::scalar).filter(|text| !text.is_empty());
            found.taken.extend(text.map(|text| (name.as_str(), secrets.answered(&text))));
        }
        for pointer in wanted.read {
            match reading(answer, pointer, rights) {
                None => {}
                Some(Read::Denied) => found.unreadable.push(pointer),
                Some(Read::Text(reading)) => found.read.push((pointer, reading)),
            }
        }
        if !rights.reveal && found.repeats(secrets) {
            return Err(HttpError::Leak);
        }
        Ok(found)
    }

    /// Returns true if a text that can be read repeats a secret, old or new.
    fn repeats(&self, secrets: &Table) -> bool {
        let taken = self.taken.iter().map(|(_, held)| held.text());
        let secrets: Vec<&str> = secrets.unknown().chain(taken).collect();
        let repeats = |text: &str| redact::repeats_secret(text, secrets.iter().copied());
        self.read.iter().any(|(_, reading)| repeats(reading.text.text()))
    }
}

/// What there is to read at a pointer.
enum Read {
    Denied,
    Text(Reading),
}

/// Returns what there is to read at `pointer`, if anything.
fn reading(answer: Json<'_>, pointer: &str, rights: &Rights<'_>) -> Option<Read> {
    let value = answer.at(pointer)?;
    let text = value.scalar()?;
    let is_short = text.len() <= if value.is_number() { MAX_NUMBER } else { MAX_TEXT };
    let may_be_read =
        || !value.is_text() || is_public_text(pointer, &text) || (rights.grants)(pointer);
    let is_readable = is_short && may_be_read();
    if is_readable || rights.reveal {
        let text = Held::found(Arc::from(text.as_str()));
        return Some(Read::Text(Reading { text, is_revealed: !is_readable }));
    }
    // A grant would not make it shorter.
    is_short.then_some(Read::Denied)
}
