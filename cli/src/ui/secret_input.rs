//! Reads a secret from the user: typed without echo on a terminal, and otherwise all of
//! stdin, or its next line, as a script pipes it in.
//!
//! A secret in an argument ends up in the history of the shell and in the list of
//! processes, and one that is echoed stays on the screen. A terminal that only stops to
//! echo cuts a line off at 4096 bytes, and keeps what else was pasted for the shell, which
//! then runs it. So keys are read one by one here, and the rest is thrown away.

use std::io::{self, IsTerminal};
use std::time::Instant;

use orchestration_runtime::Secret;

use super::input_line::{Ending, MAX_BYTES};
use crate::platform::secret_line::{piped, piped_line, typed};

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretInputError {
    /// Nothing but white space was typed or piped in.
    #[error("nothing was entered")]
    Empty,
    /// It does not end where a secret ends.
    #[error("there are several lines on stdin, and a secret is one")]
    SeveralLines,
    /// It is no secret of this world.
    #[error("the secret has more than 16 KiB")]
    TooLong,
    /// It is no text.
    #[error("the secret is not valid UTF-8")]
    NotUnicode,
    /// The system refuses.
    #[error("cannot read stdin: {0}")]
    Unreadable(#[from] io::Error),
}

/// Returns the secret that the user types after `question`, or that stdin contains if it is
/// no terminal. Line breaks at its end are not part of it. Ctrl-C ends the process.
pub(crate) fn read(question: &str) -> Result<Secret, SecretInputError> {
    let bytes = if io::stdin().is_terminal() { typed(question, None)?.0 } else { piped()? };
    one_line(&bytes)
}

/// A line that the user typed or piped in.
#[derive(Debug)]
pub(crate) enum Line {
    /// This is its text.
    Entered(Secret),
    /// It can't be a secret.
    Unfit(SecretInputError),
    /// There is none, and there will be none.
    NoMore,
    /// There was none in time.
    TimeIsUp,
}

/// Returns the next line that the user types after `question`, or that stdin has if it is no
/// terminal. It is waited for until `end`. Ctrl-C ends the process.
pub(crate) fn line(question: &str, end: Instant) -> io::Result<Line> {
    let is_terminal = io::stdin().is_terminal();
    let read = if is_terminal { typed(question, Some(end))? } else { piped_line(end)? };
    Ok(match read {
        (_, Ending::Time) => Line::TimeIsUp,
        (bytes, Ending::Input) if bytes.is_empty() => Line::NoMore,
        (bytes, _) => one_line(&bytes).map_or_else(Line::Unfit, Line::Entered),
    })
}

/// Returns the text of the one line in `bytes`.
fn one_line(bytes: &[u8]) -> Result<Secret, SecretInputError> {
    if bytes.len() > MAX_BYTES {
        return Err(SecretInputError::TooLong);
    }
    let text = str::from_utf8(bytes).map_err(|_| SecretInputError::NotUnicode)?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.trim().is_empty() {
        return Err(SecretInputError::Empty);
    }
    if line.contains(['\r', '\n']) {
        return Err(SecretInputError::SeveralLines);
    }
    Ok(Secret::from(line))
}
