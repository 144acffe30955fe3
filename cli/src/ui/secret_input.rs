//! Reads a secret from the user: typed without echo on a terminal, and otherwise all of
//! stdin, as a script pipes it in.
//!
//! A secret in an argument ends up in the history of the shell and in the list of
//! processes, and one that is echoed stays on the screen. A terminal that only stops to
//! echo cuts a line off at 4096 bytes, and keeps what else was pasted for the shell, which
//! then runs it. So keys are read one by one here, and the rest is thrown away.

use std::io::{self, IsTerminal, Stdin};

use orchestration_runtime::Secret;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use signal_hook::consts::signal::SIGINT;
use signal_hook::low_level::emulate_default_handler;
use zeroize::Zeroizing;

use super::stderr;

/// The most bytes of a secret. No server takes more in a header.
const MAX_BYTES: usize = 16 << 10;

/// What a terminal sends for keys that are no text.
const INTERRUPT: u8 = 0x03;
const END_OF_INPUT: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const ERASE_LINE: u8 = 0x15;
const DELETE: u8 = 0x7f;

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
    let stdin = io::stdin();
    let bytes = if stdin.is_terminal() { typed(&stdin, question)? } else { piped(&stdin)? };
    one_line(&bytes)
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

/// Room for a secret that is one byte too long, so that the vector never grows, which
/// would leave a copy behind.
fn room() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1))
}

/// Returns what is piped in. Read without the buffer of the standard library, which is not
/// wiped.
fn piped(stdin: &Stdin) -> io::Result<Zeroizing<Vec<u8>>> {
    let (mut bytes, mut chunk) = (room(), Zeroizing::new([0; 1024]));
    while bytes.len() <= MAX_BYTES {
        let read = match rustix::io::read(stdin, &mut *chunk) {
            Err(rustix::io::Errno::INTR) => continue,
            read => read?,
        };
        let left = bytes.capacity() - bytes.len();
        match chunk.get(..read.min(left)) {
            Some([]) | None => break,
            Some(new) => bytes.extend_from_slice(new),
        }
    }
    Ok(bytes)
}

/// Returns what the user types, up to the end of the line.
fn typed(stdin: &Stdin, question: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    stderr::ask(question);
    let silent = Silent::on(stdin)?;
    let line = silent.line();
    drop(silent);
    stderr::note("");
    match line? {
        Some(line) => Ok(line),
        None => {
            // As if the terminal had sent the signal itself.
            emulate_default_handler(SIGINT)?;
            Err(io::ErrorKind::Interrupted.into())
        }
    }
}

/// A terminal that echoes nothing and passes on every key, until this is dropped.
struct Silent<'a> {
    terminal: &'a Stdin,
    before: Termios,
}

impl<'a> Silent<'a> {
    fn on(terminal: &'a Stdin) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut modes = before.clone();
        modes.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        // Each key at once.
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Flush, &modes)?;
        Ok(Self { terminal, before })
    }

    /// Reads a line; `None` if the user interrupts it.
    fn line(&self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut line = room();
        loop {
            let mut key = [0; 1];
            let read = match rustix::io::read(self.terminal, &mut key) {
                Err(rustix::io::Errno::INTR) => continue,
                read => read?,
            };
            match key {
                _ if read == 0 => return Ok(Some(line)),
                [b'\r' | b'\n' | END_OF_INPUT] => return Ok(Some(line)),
                [INTERRUPT] => return Ok(None),
                [BACKSPACE | DELETE] => erase_character(&mut line),
                [ERASE_LINE] => line.clear(),
                // One too many tells that it is too long; more need no room.
                [byte] if line.len() <= MAX_BYTES => line.push(byte),
                _ => {}
            }
        }
    }
}

impl Drop for Silent<'_> {
    fn drop(&mut self) {
        // What was typed or pasted behind the secret is not for the shell.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// Removes the last character, of which there may be several bytes.
fn erase_character(line: &mut Vec<u8>) {
    let is_continued = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
    while line.pop().is_some_and(is_continued) {}
}
