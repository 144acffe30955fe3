//! The order in which `api_key` looks for a key; the first that exists is used:
//!
//! 1. the key that the caller passed
//! 2. the variable that the profile names
//! 3. the file that the profile names; the host gives the key that the user stored in the
//!    place of one that has none
//! 4. the fallback variable, if the host offers one
//! 5. no key, for an endpoint on this machine, if the profile names neither
//! 6. an error that says which variable to set, or which file to write
//!
//! A blank value is the same as none everywhere: `OPENAI_API_KEY= command` is how
//! people switch a key off for one command, and white space is what a script leaves
//! behind that found no key.

use crate::bindings::orchestration::auth::environment::{self, EnvironmentError};
use crate::bindings::orchestration::auth::files::{self, FileError};
use crate::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Profile, Request, Source,
};
use crate::loopback;
use crate::missing::missing;

/// The name of a key that was taken from a variable or a file.
const KEY: &str = "key";

pub fn resolve(request: Request) -> Result<Credentials, AuthError> {
    let Request { profile, explicit_key, .. } = request;
    if explicit_key {
        return Ok(api_key("explicit", Source::Explicit));
    }
    match found(&profile)? {
        Some(source) => Ok(api_key(KEY, source)),
        None if needs_no_key(&profile) => {
            Ok(Credentials { values: Vec::new(), source: Source::NotNeeded, expires_at: None })
        }
        None => Err(missing(&profile)),
    }
}

/// Returns where the secret [`KEY`] was taken from; `None` if there is no key.
fn found(profile: &Profile) -> Result<Option<Source>, AuthError> {
    if let Some(name) = &profile.api_key_env
        && is_set(name)?
    {
        return Ok(Some(Source::Environment(name.clone())));
    }
    if let Some(path) = &profile.api_key_file
        && is_present(path)?
    {
        return Ok(Some(Source::File(path.clone())));
    }
    if let Some(name) = &profile.fallback_env
        && is_set(name)?
    {
        return Ok(Some(Source::Environment(name.clone())));
    }
    Ok(None)
}

/// Model servers on this machine need no key, but LiteLLM or a broker there may: a
/// profile that names a variable or a file says so, wherever its URL leads.
fn needs_no_key(profile: &Profile) -> bool {
    profile.api_key_env.is_none()
        && profile.api_key_file.is_none()
        && profile.base_url.as_deref().is_some_and(loopback::is_loopback)
}

/// Returns the credential `api_key`, whose text is the secret of this name.
fn api_key(secret: &str, source: Source) -> Credentials {
    Credentials { values: vec![("api_key".into(), secret.into())], source, expires_at: None }
}

/// Makes the value of a variable the secret [`KEY`]; false if it has none.
fn is_set(variable: &str) -> Result<bool, AuthError> {
    match environment::take(variable, KEY) {
        Ok(presence) => Ok(presence == environment::Presence::Set),
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

/// Makes the content of a file the secret [`KEY`]; false if there is none.
fn is_present(path: &str) -> Result<bool, AuthError> {
    let fault = match files::take(path, KEY) {
        Ok(presence) => return Ok(presence == files::Presence::Present),
        Err(fault) => fault,
    };
    let (kind, fault, hint) = match fault {
        FileError::Denied => (ErrorKind::Denied, "is not granted", None),
        FileError::NotUnicode => (ErrorKind::Invalid, "is not valid UTF-8", Some(WRITE_KEY)),
        FileError::NotRegular => (ErrorKind::Invalid, "is not a regular file", Some(NAME_FILE)),
        FileError::Outside => {
            (ErrorKind::Invalid, "is a link that leads out of its directory", Some(NAME_TARGET))
        }
        FileError::TooLarge => (ErrorKind::Invalid, "is larger than 1 MiB", Some(NAME_FILE)),
        FileError::Unreadable => (ErrorKind::Invalid, "can't be read", Some(ALLOW)),
    };
    let message = format!("the file {path} {fault}");
    Err(AuthError { kind, message, hint: hint.map(str::to_owned) })
}

const WRITE_KEY: &str = "Write the key into it, and nothing else";
const NAME_FILE: &str = "Name a file that has the key and nothing else";
const NAME_TARGET: &str = "Name the file that it leads to";
const ALLOW: &str = "Check its permissions and those of its directory";
