//! Marks and colours. stdout and stderr strip the colours if they are not a
//! terminal.

use anstyle::{AnsiColor, Style};
use orchestration_runtime::Status;

use super::table::Cell;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();

/// The mark of success.
pub(crate) fn good() -> String {
    mark(Status::Valid)
}

/// The mark of failure.
pub(crate) fn bad() -> String {
    mark(Status::Error)
}

/// `?`, coloured: the mark of what could not be determined.
pub(crate) fn unknown() -> String {
    format!("{WARNING}?{WARNING:#}")
}

/// `✓` or `✗`, coloured.
pub(crate) fn mark(status: Status) -> String {
    let style = style(status);
    format!("{style}{}{style:#}", symbol(status))
}

/// A status as the table shows it, e.g. `✗ missing`.
pub(crate) fn label(status: Status) -> Cell<'static> {
    let word = match status {
        Status::Valid => "✓ valid",
        Status::Ready => "✓ ready",
        Status::Missing => "✗ missing",
        Status::Invalid => "✗ invalid",
        Status::Error => "✗ error",
    };
    Cell::coloured(word, style(status))
}

fn symbol(status: Status) -> char {
    if matches!(status, Status::Valid | Status::Ready) { '✓' } else { '✗' }
}

fn style(status: Status) -> Style {
    match status {
        Status::Valid | Status::Ready => GOOD,
        Status::Missing => WARNING,
        Status::Invalid | Status::Error => BAD,
    }
}
