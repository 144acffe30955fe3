//! Which failed calls are tried again, and when.

use std::time::{Duration, SystemTime};

use orchestration_egress::HttpError;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::call_error::CallError;

/// How often a call is tried again after it failed in a way that may pass.
pub(super) const RETRIES: u32 = 3;

/// How long the first retry waits; every further one waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest that a server may make a call wait before its retry. Beyond this
/// it is better to say so.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long to wait before a call that ended in `error` is tried again; none
/// where that would not help, or is further away than somebody waits for.
pub(super) fn pause(error: &CallError, retries: u32) -> Option<Duration> {
    let asked = match error {
        CallError::RateLimited { retry_after, .. } => *retry_after,
        CallError::Status { status: 500.., retry_after, .. } => *retry_after,
        CallError::Http(
            HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::Interrupted { .. },
        ) => None,
        _ => return None,
    };
    match asked {
        Some(time) => Some(time).filter(|time| *time <= LONGEST_PAUSE),
        // Many agents that failed at once are not to come back at once.
        None => Some((FIRST_PAUSE * 2_u32.pow(retries)).mul_f64(0.5 + fastrand::f64() / 2.0)),
    }
}

/// `Retry-After`, which is a number of seconds or a date (RFC 9110, 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            Some(date.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}
