//! The order in which `api_key` looks for a key; the first that is there wins:
//!
//! 1. the key that the caller gave
//! 2. the variable that the profile names
//! 3. the fallback variable, where the host offers one
//! 4. no key, for an endpoint on this machine, if the profile names no variable
//! 5. an error that says which variable to set
//!
//! An empty value counts as unset everywhere: `OPENAI_API_KEY= command` is how
//! people switch a key off for one command. So does one of blanks alone, which is
//! what a script leaves behind that found no key.

use crate::bindings::orchestration::auth::environment::{self, EnvironmentError};
use crate::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Profile, Request, Source,
};
use crate::loopback;

pub fn resolve(request: Request) -> Result<Credentials, AuthError> {
    let Request { profile, explicit_key } = request;
    if let Some(key) = explicit_key.filter(|key| !is_blank(key)) {
        return Ok(api_key(key, Source::Explicit));
    }
    for name in [&profile.api_key_env, &profile.fallback_env].into_iter().flatten() {
        if let Some(key) = variable(name)? {
            return Ok(api_key(key, Source::Environment(name.clone())));
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

fn is_blank(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_whitespace())
}

fn api_key(key: String, source: Source) -> Credentials {
    Credentials { values: vec![("api_key".into(), key)], source, expires_at: None }
}

/// The value of a variable that is set and not blank.
fn variable(name: &str) -> Result<Option<String>, AuthError> {
    match environment::get(name) {
        Ok(value) => Ok(value.filter(|value| !is_blank(value))),
        Err(EnvironmentError::Denied) => Err(AuthError {
            kind: ErrorKind::Denied,
            message: format!("the variable {name} is not granted"),
            hint: None,
        }),
        Err(EnvironmentError::NotUnicode) => Err(AuthError {
            kind: ErrorKind::Invalid,
            message: format!("{name} is set, but its value is not valid Unicode"),
            hint: Some(format!("Set it again with: export {name}=your-key-here")),
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
