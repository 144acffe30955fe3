//! Results, on stdout.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use super::spinner;

/// Writes a result in one piece, so that a reader never sees half of it.
/// Strips colours if stdout is not a terminal.
///
/// A reader that has closed the pipe, as `head` does, is no failure: the command goes
/// on to its own exit status, which must not be lost.
pub(crate) fn print(text: &str) -> io::Result<()> {
    match print_to_reader(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// The same for a command that stops if the reader is gone: fails with
/// [`io::ErrorKind::BrokenPipe`].
pub(crate) fn print_to_reader(text: &str) -> io::Result<()> {
    spinner::erase();
    let plain = AutoStream::choice(&io::stdout()) == ColorChoice::Never;
    // JSON has no colours, and is long.
    let stripped =
        (plain && text.contains('\x1b')).then(|| anstream::adapter::strip_str(text).to_string());
    write(stripped.as_deref().unwrap_or(text))
}

/// Writes text that is not ours, and so holds no colours of ours.
pub(crate) fn print_raw(text: &str) -> io::Result<()> {
    spinner::erase();
    write(text)
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
