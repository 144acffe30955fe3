//! The order in which `api_key` looks for a key; the first that exists is used:
//!
//! 1. the key that the caller passed
//! 2. the variable that the profile names
//! 3. the fallback variable, if the host offers one
//! 4. no key, for an endpoint on this machine, if the profile names no variable
//! 5. an error that says which variable to set
//!
//! A blank value is the same as none everywhere: `OPENAI_API_KEY= command` is how
//! people switch a key off for one command, and white space is what a script leaves
//! behind that found no key.

use crate::bindings::orchestration::auth::environment::{self, EnvironmentError, Presence};
use crate::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Profile, Request, Source,
};
use crate::loopback;

/// The name of a key that was taken from a variable.
const KEY: &str = "key";

pub fn resolve(request: Request) -> Result<Credentials, AuthError> {
    let Request { profile, explicit_key, .. } = request;
    if explicit_key {
        return Ok(api_key("explicit", Source::Explicit));
    }
    for variable in [&profile.api_key_env, &profile.fallback_env].into_iter().flatten() {
        if is_taken(variable)? {
            return Ok(api_key(KEY, Source::Environment(variable.clone())));
        }
    }
    // Model servers on this machine need no key, but LiteLLM or a broker there may: a
    // profile that names a variable says so, wherever its URL leads.
    if profile.api_key_env.is_none()
        && profile.base_url.as_deref().is_some_and(loopback::is_loopback)
    {
        return Ok(Credentials { values: Vec::new(), source: Source::NotNeeded, expires_at: None });
    }
    Err(missing(&profile))
}

/// Returns the credential `api_key`, whose text is the secret of this name.
fn api_key(secret: &str, source: Source) -> Credentials {
    Credentials { values: vec![("api_key".into(), secret.into())], source, expires_at: None }
}

/// Makes the value of a variable the secret [`KEY`]; false if it has none.
fn is_taken(variable: &str) -> Result<bool, AuthError> {
    match environment::take(variable, KEY) {
        Ok(presence) => Ok(presence == Presence::Set),
        Err(EnvironmentError::Denied) => Err(AuthError {
            kind: ErrorKind::Denied,
            message: format!("the variable {variable} is not granted"),
            hint: None,
        }),
        Err(EnvironmentError::NotUnicode) => Err(AuthError {
            kind: ErrorKind::Invalid,
            message: format!("{variable} is set, but its value is not valid Unicode"),
            hint: Some(format!("Set it again with: export {variable}=your-key-here")),
        }),
    }
}

fn missing(profile: &Profile) -> AuthError {
    let (message, hint) = match &profile.api_key_env {
        Some(name) => {
            (format!("{name} is not set"), format!("Set it with: export {name}=your-key-here"))
        }
        None => (
            format!("the profile {} names no variable for its key", profile.name),
            format!(
                "Add api_key_env = \"...\" to [profiles.{}], or auth_type = \"none\" if it needs no key",
                profile.name
            ),
        ),
    };
    AuthError { kind: ErrorKind::Missing, message, hint: Some(hint) }
}
