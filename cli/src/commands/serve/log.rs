//! The line for each request, on stderr.
//!
//! It says who asked for what and what came of it, and never a secret: the name of the pass
//! instead of the pass, the path without the query. A client chooses the path, so it is
//! sanitized like every text from outside.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use orchestration_runtime::{RequestLog, RequestRecord, sanitize};
use serde_json::json;

use crate::ui::backlog;

/// A value of `--log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// A line of words
    Text,
    /// A JSON object a line
    Json,
}

/// Makes the lines, and leaves it to the backlog to write them: a client is not to wait for what
/// reads a log.
pub(super) struct Log {
    format: LogFormat,
    /// The time of the last line, which many of them share.
    time: Mutex<Moment>,
}

/// A millisecond, as it is written.
#[derive(Default)]
struct Moment {
    since_epoch: u128,
    written: String,
}

impl Log {
    pub(super) fn new(format: LogFormat) -> Self {
        Self { format, time: Mutex::default() }
    }
}

impl RequestLog for Log {
    fn ended(&self, record: &RequestRecord) {
        backlog::add(|lines| {
            let mut time = self.time.lock().unwrap_or_else(PoisonError::into_inner);
            let time = time.at(record.time);
            match self.format {
                LogFormat::Text => add_text(lines, time, record),
                LogFormat::Json => lines.push_str(&json(time, record)),
            }
        });
    }
}

fn add_text(lines: &mut String, time: &str, record: &RequestRecord) {
    let words = [
        time,
        " pass=",
        record.pass.as_deref().unwrap_or("-"),
        " profile=",
        record.profile.as_deref().unwrap_or("-"),
        " ",
        &displayed(record.method.as_str()),
        " ",
        &displayed(record.path()),
        " ",
        record.status.as_str(),
    ];
    lines.extend(words);
    // To write 128 bits takes four times as long.
    let tenths = (record.duration.as_micros() as u64 + 50) / 100;
    let (bytes, whole, tenth) = (record.bytes, tenths / 10, tenths % 10);
    // Writing to a text can't fail.
    let _ = write!(lines, " {bytes} B {whole}.{tenth} ms");
    lines.push_str(if record.renewed { " renewed" } else { "" });
    lines.push_str(if record.is_complete { "\n" } else { " incomplete\n" });
}

fn json(time: &str, record: &RequestRecord) -> String {
    let line = json!({
        "time": time,
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

impl Moment {
    /// Returns `time` as it is written.
    fn at(&mut self, time: SystemTime) -> &str {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        if self.since_epoch != since_epoch {
            self.since_epoch = since_epoch;
            self.written = humantime::format_rfc3339_millis(time).to_string();
        }
        &self.written
    }
}

/// Returns a text that the client chose, as it is shown. Most need not be sanitized.
fn displayed(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 1024;
    if text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text.into();
    }
    sanitize(text, []).into()
}
