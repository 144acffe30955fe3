//! What is said if a server refuses or does not answer.

use crate::bindings::orchestration::auth::http::{HttpError, Response};
use crate::bindings::orchestration::auth::store::StoreError;
use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind, Profile};

/// Returns an error.
pub fn error(kind: ErrorKind, message: impl Into<String>, hint: Option<String>) -> AuthError {
    AuthError { kind, message: message.into(), hint }
}

/// The error of a profile that lacks `what`, which `key` of providers.toml would say.
pub fn unset(profile: &Profile, what: &str, key: &str) -> AuthError {
    let name = &profile.name;
    let message = format!("the profile {name} has no {what}");
    let hint = format!("Add {key} = \"...\" to [profiles.{name}]");
    error(ErrorKind::Unsupported, message, Some(hint))
}

/// The error of a request that got no answer. What may pass by itself is told apart
/// from what can't.
pub fn no_answer(what: &str, fault: HttpError) -> AuthError {
    let (kind, why) = match fault {
        HttpError::Denied => (ErrorKind::Denied, "its origin is not granted"),
        HttpError::Timeout => (ErrorKind::Unavailable, "it did not answer in time"),
        HttpError::Unreachable => (ErrorKind::Unavailable, "it can't be reached"),
        HttpError::Limit => (ErrorKind::Unavailable, "the call may send no more requests"),
        HttpError::Untrusted => (ErrorKind::Unavailable, "its certificate is not trusted"),
        HttpError::Redirect => (ErrorKind::Unavailable, "it answered with a redirect"),
        HttpError::TooLarge => (ErrorKind::Unavailable, "its answer is too large"),
        HttpError::Leak => (ErrorKind::Unavailable, "its answer shows a secret"),
        HttpError::NoSecret | HttpError::Malformed | HttpError::Offline => {
            (ErrorKind::Internal, "it can't be sent")
        }
    };
    error(kind, format!("{what}: {why}"), None)
}

/// The error of a server that refuses, in its own words if it has some (RFC 6749, 5.2). Without
/// them, and without the status of a refusal, something in between may have answered, which
/// knows nothing of the credential.
pub fn refused(what: &str, response: &Response) -> AuthError {
    let status = response.status;
    let kind = match (status, read(response, ERROR)) {
        (401, None) => ErrorKind::Invalid,
        (408 | 429 | 500.., _)
        | (_, None | Some("temporarily_unavailable" | "server_error" | "slow_down")) => {
            ErrorKind::Unavailable
        }
        _ => ErrorKind::Invalid,
    };
    let said = match (read(response, ERROR), read(response, DESCRIPTION)) {
        (Some(error), Some(description)) => format!("{error}: {description}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => format!("status {status}"),
    };
    error(kind, format!("{what} was refused: {said}"), None)
}

/// The error of an API that refuses, which is no OAuth server: its status says what kind of
/// error it is, and `reason` is in its own words, if it has some.
pub fn refused_by_api(what: &str, status: u16, reason: Option<&str>) -> AuthError {
    let kind = match status {
        408 | 429 | 500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Invalid,
    };
    let status = format!("status {status}");
    error(kind, format!("{what} was refused: {}", reason.unwrap_or(&status)), None)
}

/// The error of an answer that lacks what it must have, and so is not that of such a server.
pub fn incomplete(what: &str, lacks: &str) -> AuthError {
    error(ErrorKind::Unavailable, format!("{what}: the answer has no {lacks}"), None)
}

/// The error of a session that can't be loaded or saved.
pub fn store(action: &str, fault: StoreError) -> AuthError {
    let why = match fault {
        StoreError::Unavailable => "no sessions are kept here",
        StoreError::TooLarge => "it has more than 64 KiB",
        StoreError::Failed => "see the warning above",
        StoreError::ReadOnly | StoreError::NoSecret | StoreError::Leak => "it is not in order",
    };
    error(ErrorKind::Internal, format!("the session can't be {action}: {why}"), None)
}

/// Where an answer says why it refuses, in one word.
pub const ERROR: &str = "/error";
/// Where an answer says why it refuses, for people.
pub const DESCRIPTION: &str = "/error_description";

/// Returns what was read at this pointer.
pub fn read<'a>(response: &'a Response, pointer: &str) -> Option<&'a str> {
    let found = response.read.iter().find(|(read, _)| read == pointer);
    found.map(|(_, text)| text.as_str())
}
