//! A project's providers.toml that is not used.

use orchestration_runtime::{Unused, UnusedReason, sanitize_path};

/// Names the file and the reason that it is not used.
pub(crate) fn why_unused(unused: &Unused) -> String {
    let path = sanitize_path(&unused.path);
    match &unused.reason {
        UnusedReason::Unknown => format!("{path} is not used: you have not trusted it"),
        UnusedReason::Changed => {
            format!("{path} is not used: it has changed since you trusted it")
        }
        UnusedReason::Link => format!("{path} is not used: it is a symbolic link"),
        UnusedReason::Unreadable(reason) => format!("{path} is not used: {reason}"),
    }
}
