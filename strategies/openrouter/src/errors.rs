//! What is said if something fails.

use crate::bindings::orchestration::auth::http::HttpError;
use crate::bindings::orchestration::auth::store::StoreError;
use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind};

pub fn error(kind: ErrorKind, message: impl Into<String>, hint: Option<String>) -> AuthError {
    AuthError { kind, message: message.into(), hint }
}

/// The error of a request without an answer. The host knows more about it, and says so where
/// waiting may help.
pub fn no_answer(fault: HttpError) -> AuthError {
    let (kind, why) = match fault {
        HttpError::Denied => (ErrorKind::Denied, "its origin is not granted"),
        HttpError::Timeout | HttpError::Unreachable | HttpError::Untrusted | HttpError::Limit => {
            (ErrorKind::Unavailable, "it can't be reached")
        }
        HttpError::Redirect => (ErrorKind::Invalid, "it answers with a redirect"),
        HttpError::TooLarge => (ErrorKind::Invalid, "its answer is too large"),
        HttpError::Leak => (ErrorKind::Invalid, "its answer shows a secret"),
        HttpError::NoSecret | HttpError::Malformed | HttpError::Offline => {
            (ErrorKind::Internal, "the request can't be sent")
        }
    };
    error(kind, format!("the server gave no key: {why}"), None)
}

/// The error of a session that can't be loaded or saved.
pub fn store(action: &str, fault: StoreError) -> AuthError {
    let why = match fault {
        StoreError::Unavailable => "no sessions are kept here",
        StoreError::Failed => "see the warning above",
        StoreError::TooLarge | StoreError::ReadOnly | StoreError::NoSecret | StoreError::Leak => {
            "it is not in order"
        }
    };
    error(ErrorKind::Internal, format!("the session can't be {action}: {why}"), None)
}
