//! The secret that a profile supplies in its variable or its file: a private key, or the
//! token of a workload.

use crate::bindings::orchestration::auth::environment::{self, EnvironmentError};
use crate::bindings::orchestration::auth::files::{self, FileError};
use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind, Profile};
use crate::errors::error;

/// Makes the content of the profile's variable, or else of its file, the secret `name`.
/// `what` says in an error what should be there.
pub fn take(profile: &Profile, what: &str, name: &str) -> Result<(), AuthError> {
    if let Some(variable) = &profile.api_key_env
        && variable_is_set(variable, name)?
    {
        return Ok(());
    }
    if let Some(path) = &profile.api_key_file
        && file_is_present(path, name)?
    {
        return Ok(());
    }
    Err(missing(profile, what))
}

/// Makes the value of a variable the secret `name`; false if it has none.
pub fn variable_is_set(variable: &str, name: &str) -> Result<bool, AuthError> {
    match environment::take(variable, name) {
        Ok(presence) => Ok(presence == environment::Presence::Set),
        Err(EnvironmentError::Denied) => {
            let message = format!("the variable {variable} is not granted");
            Err(error(ErrorKind::Denied, message, None))
        }
        Err(EnvironmentError::NotUnicode) => {
            let message = format!("the value of {variable} is not valid Unicode");
            Err(error(ErrorKind::Invalid, message, Some("Set it again".to_owned())))
        }
    }
}

/// Makes the content of the file at `path` the secret `name`; false if there is none.
pub fn file_is_present(path: &str, name: &str) -> Result<bool, AuthError> {
    let fault = match files::take(path, name) {
        Ok(presence) => return Ok(presence == files::Presence::Present),
        Err(fault) => fault,
    };
    let (kind, fault, hint) = match fault {
        FileError::Denied => (ErrorKind::Denied, "is not granted", None),
        FileError::NotUnicode => (ErrorKind::Invalid, "is not valid UTF-8", Some(OTHER_FILE)),
        FileError::NotRegular => (ErrorKind::Invalid, "is not a regular file", Some(OTHER_FILE)),
        FileError::Outside => {
            (ErrorKind::Invalid, "is a link that leads out of its directory", Some(NAME_TARGET))
        }
        FileError::TooLarge => (ErrorKind::Invalid, "is larger than 1 MiB", Some(OTHER_FILE)),
        FileError::Unreadable => (ErrorKind::Invalid, "can't be read", Some(ALLOW)),
    };
    Err(error(kind, format!("the file {path} {fault}"), hint.map(str::to_owned)))
}

const OTHER_FILE: &str = "Name another file";
const NAME_TARGET: &str = "Name the file that it leads to";
const ALLOW: &str = "Check its permissions and those of its directory";

/// Returns the error `missing`, which names what the profile names.
fn missing(profile: &Profile, what: &str) -> AuthError {
    let (message, hint) = match (&profile.api_key_env, &profile.api_key_file) {
        (None, None) => (
            format!("the profile {} names no file for {what}", profile.name),
            Some(format!("Add api_key_file = \"...\" to [profiles.{}]", profile.name)),
        ),
        (Some(variable), None) => {
            (format!("{variable} is not set"), Some(format!("Set {variable} to {what}")))
        }
        (None, Some(path)) => {
            (format!("there is nothing in {path}"), Some(format!("Write {what} into {path}")))
        }
        (Some(variable), Some(path)) => (
            format!("{variable} is not set, and there is nothing in {path}"),
            Some(format!("Set {variable} to {what}")),
        ),
    };
    error(ErrorKind::Missing, message, hint)
}
