//! The line for each request, on stderr.
//!
//! It says who asked for what and what came of it, and never a secret: the name of the pass
//! instead of the pass, the path without the query. A client chooses the path, so it is
//! sanitized like every text from outside.

use std::io::Write;
use std::time::SystemTime;

use clap::ValueEnum;
use orchestration_runtime::{RequestRecord, sanitize};
use serde_json::json;

/// A value of `--log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// A line of words
    Text,
    /// A JSON object a line
    Json,
}

/// Writes the line for a request. One that can't be written is lost: the client is not to
/// wait for the reader of a log.
pub(super) fn write(format: LogFormat, record: &RequestRecord) {
    let line = match format {
        LogFormat::Text => text(record),
        LogFormat::Json => json(record),
    };
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn text(record: &RequestRecord) -> String {
    let pass = record.pass.as_deref().unwrap_or("-");
    let profile = record.profile.as_deref().unwrap_or("-");
    let (path, duration) = (path(record), record.duration.as_secs_f64() * 1000.0);
    let renewed = if record.renewed { " renewed" } else { "" };
    let cut = if record.is_complete { "" } else { " incomplete" };
    format!(
        "{} pass={pass} profile={profile} {} {path} {} {} B {duration:.1} ms{renewed}{cut}\n",
        time(record.time),
        sanitize(record.method.as_str(), []),
        record.status.as_u16(),
        record.bytes,
    )
}

fn json(record: &RequestRecord) -> String {
    let line = json!({
        "time": time(record.time).to_string(),
        "pass": record.pass,
        "profile": record.profile.as_deref(),
        "method": sanitize(record.method.as_str(), []),
        "path": path(record),
        "status": record.status.as_u16(),
        "bytes": record.bytes,
        "duration_ms": (record.duration.as_secs_f64() * 1e6).round() / 1e3,
        "renewed": record.renewed,
        "complete": record.is_complete,
    });
    format!("{line}\n")
}

fn time(time: SystemTime) -> humantime::Rfc3339Timestamp {
    humantime::format_rfc3339_millis(time)
}

/// Returns the path as it is shown. Most have nothing to be sanitized.
fn path(record: &RequestRecord) -> String {
    const LONGEST: usize = 1024;
    let path = record.path();
    if path.len() <= LONGEST && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return path.to_owned();
    }
    sanitize(path, [])
}
