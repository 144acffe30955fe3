//! The errors of requests: what the strategy gets to know, and what the user does.

use super::transport::HttpFault;
use crate::bindings::orchestration::auth::http::HttpError;

/// Returns what the strategy gets to know.
pub(super) fn error(fault: &HttpFault) -> HttpError {
    match fault {
        HttpFault::Timeout => HttpError::Timeout,
        HttpFault::Unreachable(_)
        | HttpFault::Refused
        | HttpFault::Proxy { .. }
        | HttpFault::ProxyVariable(_) => HttpError::Unreachable,
        HttpFault::Untrusted(_) => HttpError::Untrusted,
        HttpFault::Redirect(_) => HttpError::Redirect,
        HttpFault::TooLarge => HttpError::TooLarge,
    }
}

/// Returns what the user does: the same, and the reason.
pub(super) fn in_words(fault: &HttpFault) -> String {
    let name = name(error(fault));
    match fault {
        HttpFault::Untrusted(reason) => format!("{name}: {reason}"),
        HttpFault::Unreachable(_)
        | HttpFault::Refused
        | HttpFault::Proxy { .. }
        | HttpFault::ProxyVariable(_) => format!("{name}: {fault}"),
        HttpFault::Redirect(to) => format!("{name} to {to}"),
        HttpFault::Timeout | HttpFault::TooLarge => name.to_owned(),
    }
}

/// Returns the name of an error in the contract.
pub(super) fn name(error: HttpError) -> &'static str {
    match error {
        HttpError::Denied => "denied",
        HttpError::Timeout => "timeout",
        HttpError::Unreachable => "unreachable",
        HttpError::Untrusted => "untrusted",
        HttpError::Redirect => "redirect",
        HttpError::TooLarge => "too large",
        HttpError::NoSecret => "no secret of that name",
        HttpError::Malformed => "malformed",
        HttpError::Leak => "leak",
        HttpError::Limit => "limit",
        HttpError::Offline => "offline",
    }
}
