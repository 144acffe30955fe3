//! Results: where they go, their marks and colours.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use orchestration_runtime::Status;

use crate::spinner;
use crate::table::Cell;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();

/// Writes a result to stdout at once, so that whoever reads along never sees
/// half of it. Colours are taken out where stdout is no terminal.
pub(crate) fn print(text: &str) -> io::Result<()> {
    spinner::erase();
    let plain = AutoStream::choice(&io::stdout()) == ColorChoice::Never;
    // JSON has none, and is long.
    let stripped =
        (plain && text.contains('\x1b')).then(|| anstream::adapter::strip_str(text).to_string());
    write(stripped.as_deref().unwrap_or(text))
}

/// The same for what others said, which has no colours of ours.
pub(crate) fn print_raw(text: &str) -> io::Result<()> {
    spinner::erase();
    write(text)
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The mark of what was done.
pub(crate) fn good() -> String {
    mark(Status::Valid)
}

/// The mark of what is not as it should be.
pub(crate) fn bad() -> String {
    mark(Status::Error)
}

/// A path that can be clicked, on terminals that know OSC 8. It is taken out
/// where colours are.
pub(crate) fn file(path: &Path) -> String {
    let shown = path.display().to_string();
    let shown = shown.escape_debug();
    match std::path::absolute(path) {
        Ok(target) => format!("\x1b]8;;file://{}\x1b\\{shown}\x1b]8;;\x1b\\", in_url(&target)),
        Err(_) => shown.to_string(),
    }
}

/// A path as URLs have it (RFC 3986).
pub(crate) fn in_url(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escaped = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.as_os_str().as_bytes().iter().copied().map(escaped).collect()
}

/// A URL without a password that somebody put into it.
pub(crate) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let shown = match authority.rsplit_once('@') {
        Some((_, host)) => {
            let path = rest.get(authority.len()..).unwrap_or_default();
            format!("{scheme}://***@{host}{path}")
        }
        None => url.to_owned(),
    };
    shown.escape_debug().to_string()
}

/// `✓` or `✗`, coloured. The colour is taken out where stdout is no terminal.
pub(crate) fn mark(status: Status) -> String {
    let style = style(status);
    format!("{style}{}{style:#}", symbol(status))
}

/// `?`, coloured: the mark of what is not known.
pub(crate) fn in_doubt() -> String {
    format!("{WARNING}?{WARNING:#}")
}

/// A status as the table shows it, e.g. `✗ missing`.
pub(crate) fn label(status: Status) -> Cell<'static> {
    let word = match status {
        Status::Valid => "✓ valid",
        Status::Missing => "✗ missing",
        Status::Invalid => "✗ invalid",
        Status::Error => "✗ error",
    };
    Cell::coloured(word, style(status))
}

fn symbol(status: Status) -> char {
    if status == Status::Valid { '✓' } else { '✗' }
}

fn style(status: Status) -> Style {
    match status {
        Status::Valid => GOOD,
        Status::Missing => WARNING,
        Status::Invalid | Status::Error => BAD,
    }
}

/// One line for each name and its value, the values below each other.
pub(crate) fn fields(fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    fields.iter().map(|(name, value)| format!("{name:width$}  {value}\n")).collect()
}

/// A number of bytes, in the unit that is read most easily.
pub(crate) fn size(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", tenths(1 << 10)),
        0x10_0000..0x4000_0000 => format!("{} MiB", tenths(1 << 20)),
        _ => format!("{} GiB", tenths(1 << 30)),
    }
}
