//! The marks and colours of results.

use anstyle::{AnsiColor, Style};
use orchestration_runtime::Status;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// `✓` or `✗`, coloured. The colour is taken out where stdout is no terminal.
pub(crate) fn mark(status: Status) -> String {
    let style = style(status);
    format!("{style}{}{style:#}", symbol(status))
}

/// A status as the table shows it, e.g. `✗ missing`.
pub(crate) fn label(status: Status) -> String {
    let style = style(status);
    format!("{style}{} {}{style:#}", symbol(status), word(status))
}

fn symbol(status: Status) -> char {
    if status == Status::Valid { '✓' } else { '✗' }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid",
        Status::Missing => "missing",
        Status::Invalid => "invalid",
        Status::Error => "error",
    }
}

fn style(status: Status) -> Style {
    match status {
        Status::Valid => GOOD,
        Status::Missing => WARNING,
        Status::Invalid | Status::Error => BAD,
    }
}
