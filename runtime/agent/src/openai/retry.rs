//! Which failed calls are retried, and when.

use std::time::Duration;

use orchestration_egress::HttpError;

use crate::call_error::CallError;

/// How often a call is retried after a transient failure.
pub(super) const RETRIES: u32 = 3;

/// The pause before the first retry. It doubles for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause that a server may ask for. If it asks for more, the call fails and
/// reports that.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Returns the pause before a call that failed with `error` is retried; `None` if a
/// retry would not help or the pause would be too long.
pub(super) fn pause(error: &CallError, retries: u32) -> Option<Duration> {
    let asked = match error {
        CallError::RateLimited { retry_after, .. } => *retry_after,
        CallError::Status { status: 500.., retry_after, .. } => *retry_after,
        CallError::Http(
            HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::Proxy { .. }
            | HttpError::Interrupted { .. },
        ) => None,
        _ => return None,
    };
    match asked {
        Some(time) => Some(time).filter(|time| *time <= LONGEST_PAUSE),
        // Jitter keeps agents that failed together from retrying together.
        None => Some((FIRST_PAUSE * 2_u32.pow(retries)).mul_f64(0.5 + fastrand::f64() / 2.0)),
    }
}
