//! Results, on stdout.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use orchestration_runtime::Secret;

use super::spinner;

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// The reader has closed the pipe, as `head` does.
    #[error("the reader of the output has closed it")]
    Closed,
    /// The system refuses, e.g. because the disk is full.
    #[error("could not write the output: {0}")]
    Write(#[source] io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Write(error),
        }
    }
}

/// Writes a result in one piece, so that a reader never sees half of it.
/// Strips colours if stdout is not a terminal.
///
/// A reader that has closed the pipe, as `head` does, is no failure: the command goes
/// on to its own exit status, which must not be lost.
pub(crate) fn print(text: &str) -> Result<(), OutputError> {
    match print_to_reader(text) {
        Err(OutputError::Closed) => Ok(()),
        printed => printed,
    }
}

/// The same for a command that stops if the reader is gone: fails with
/// [`OutputError::Closed`].
pub(crate) fn print_to_reader(text: &str) -> Result<(), OutputError> {
    spinner::erase();
    let plain = AutoStream::choice(&io::stdout()) == ColorChoice::Never;
    // JSON has no colours, and is long.
    let stripped =
        (plain && text.contains('\x1b')).then(|| anstream::adapter::strip_str(text).to_string());
    write(stripped.as_deref().unwrap_or(text))
}

/// Writes text that is not ours, and so holds no colours of ours.
pub(crate) fn print_raw(text: &str) -> Result<(), OutputError> {
    spinner::erase();
    write(text)
}

fn write(text: &str) -> Result<(), OutputError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Writes a text that contains secrets, as it is and in one piece: stdout's own buffer is
/// not wiped.
pub(crate) fn print_secret(text: &Secret) -> Result<(), OutputError> {
    spinner::erase();
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.expose().as_bytes())?;
    Ok(stdout.flush()?)
}
