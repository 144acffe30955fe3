//! Times as texts.

use std::fmt::Write;
use std::time::SystemTime;

/// Returns a time as in RFC 3339, in seconds; `None` after the year 9999, which the format
/// cannot express.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
///
/// use orchestration_support::time::rfc3339;
///
/// let time = UNIX_EPOCH + Duration::from_secs(1_795_785_600);
/// assert_eq!(rfc3339(time).as_deref(), Some("2026-11-27T13:20:00Z"));
/// ```
pub fn rfc3339(time: SystemTime) -> Option<String> {
    let mut text = String::new();
    // `to_string` would panic.
    write!(text, "{}", humantime::format_rfc3339_seconds(time)).ok()?;
    Some(text)
}
