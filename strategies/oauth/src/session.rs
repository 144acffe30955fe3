//! The session in the store.

use crate::bindings::orchestration::auth::store::{self, Session};
use crate::bindings::orchestration::auth::types::AuthError;
use crate::errors;

/// Loads the session.
pub fn load() -> Result<Option<Session>, AuthError> {
    store::load().map_err(|fault| errors::store("loaded", fault))
}

/// Replaces the session.
pub fn save(session: &Session) -> Result<(), AuthError> {
    store::save(session).map_err(|fault| errors::store("saved", fault))
}

/// Returns true if the session has the secret of this name.
pub fn has(session: &Session, name: &str) -> bool {
    session.secrets.iter().any(|kept| kept == name)
}

/// Returns the note of this name.
pub fn note<'a>(notes: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    notes.iter().find(|(name, _)| name == wanted).map(|(_, text)| text.as_str())
}
