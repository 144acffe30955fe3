//! The session: the key, and who it belongs to.

use crate::bindings::orchestration::auth::store::{self, Session};
use crate::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Request, Source,
};
use crate::errors::{self, error};

/// The name of the key, in the session and in the table of a call.
pub const KEY: &str = "key";

/// Returns the key: that of the caller, or else that of the session.
pub fn credentials(request: &Request) -> Result<Credentials, AuthError> {
    let (name, source) = match request.explicit_key {
        true => ("explicit", Source::Explicit),
        false => (loaded()?, Source::Session),
    };
    let values = vec![("api_key".to_owned(), name.to_owned())];
    Ok(Credentials { values, source, expires_at: None })
}

/// Loads the key, and returns its name.
fn loaded() -> Result<&'static str, AuthError> {
    let session = store::load().map_err(|fault| errors::store("loaded", fault))?;
    let has_key = session.is_some_and(|session| session.secrets.iter().any(|name| name == KEY));
    match has_key {
        true => Ok(KEY),
        false => Err(error(ErrorKind::Missing, "not signed in", None)),
    }
}

/// Saves the key of this user.
pub fn save(account: Option<String>) -> Result<(), AuthError> {
    let secrets = vec![KEY.to_owned()];
    let session = Session { secrets, notes: Vec::new(), account, expires_at: None };
    store::save(&session).map_err(|fault| errors::store("saved", fault))
}
