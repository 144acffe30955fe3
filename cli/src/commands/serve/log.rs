//! The line for each request, on stderr.
//!
//! It says who asked for what and what came of it, and never a secret: the name of the pass
//! instead of the pass, the path without the query. A client chooses the path, so it is
//! sanitized like every text from outside.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use clap::ValueEnum;
use orchestration_runtime::{RequestLog, RequestRecord, sanitize};
use serde_json::json;

/// A value of `--log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// A line of words
    Text,
    /// A JSON object a line
    Json,
}

/// The bytes of lines that are written even if no thread is idle.
const MAX_WAITING: usize = 16 << 10;

/// Writes the lines. A write takes a fifth of the time of a whole request, so a thread with
/// many requests writes the lines of all of them before it waits for the next.
pub(super) struct Log {
    format: LogFormat,
    /// The lines that are not written yet.
    waiting: Mutex<String>,
}

impl Log {
    pub(super) fn new(format: LogFormat) -> Self {
        Self { format, waiting: Mutex::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, String> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RequestLog for Log {
    fn ended(&self, record: &RequestRecord) {
        let mut waiting = self.waiting();
        match self.format {
            LogFormat::Text => add_text(&mut waiting, record),
            LogFormat::Json => waiting.push_str(&json(record)),
        }
        if waiting.len() >= MAX_WAITING {
            write(&mut waiting);
        }
    }

    fn idle(&self) {
        write(&mut self.waiting());
    }
}

/// Writes these lines. What can't be written is lost: the client is not to wait for the reader
/// of a log.
fn write(lines: &mut String) {
    if !lines.is_empty() {
        let _ = std::io::stderr().lock().write_all(lines.as_bytes());
        lines.clear();
    }
}

fn add_text(lines: &mut String, record: &RequestRecord) {
    let pass = record.pass.as_deref().unwrap_or("-");
    let profile = record.profile.as_deref().unwrap_or("-");
    let method = displayed(record.method.as_str());
    let path = displayed(record.path());
    let tenths = (record.duration.as_micros() + 50) / 100;
    let renewed = if record.renewed { " renewed" } else { "" };
    let cut = if record.is_complete { "" } else { " incomplete" };
    let (time, status, bytes) = (time(record.time), record.status.as_u16(), record.bytes);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    // Writing to a text can't fail.
    let _ = writeln!(
        lines,
        "{time} pass={pass} profile={profile} {method} {path} {status} {bytes} B \
         {whole}.{tenth} ms{renewed}{cut}"
    );
}

fn json(record: &RequestRecord) -> String {
    let line = json!({
        "time": time(record.time).to_string(),
        "pass": record.pass.as_deref(),
        "profile": record.profile.as_deref(),
        "method": displayed(record.method.as_str()),
        "path": displayed(record.path()),
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

/// Returns a text that the client chose, as it is shown. Most need not be sanitized.
fn displayed(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 1024;
    if text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text.into();
    }
    sanitize(text, []).into()
}
