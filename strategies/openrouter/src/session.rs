//! The session: the key, and who it belongs to.

use oauth::bindings::orchestration::auth::store::Session;
use oauth::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Request, Source,
};
use oauth::errors::error;
use oauth::session;

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
    match session::load()?.is_some_and(|session| session::has(&session, KEY)) {
        true => Ok(KEY),
        false => Err(error(ErrorKind::Missing, "not signed in", None)),
    }
}

/// Saves the key of this user.
pub fn save(account: Option<String>) -> Result<(), AuthError> {
    let secrets = vec![KEY.to_owned()];
    session::save(&Session { secrets, notes: Vec::new(), account, expires_at: None })
}
