//! Reads a secret from the user: typed without echo on a terminal, and otherwise all of
//! stdin, or its next line, as a script pipes it in.
//!
//! A secret in an argument ends up in the history of the shell and in the list of
//! processes, and one that is echoed stays on the screen. A terminal that only stops to
//! echo cuts a line off at 4096 bytes, and keeps what else was pasted for the shell, which
//! then runs it. So keys are read one by one here, and the rest is thrown away.

use std::io::{self, IsTerminal, Stdin};
use std::time::{Duration, Instant};

use orchestration_runtime::Secret;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
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
    let input = Input { stdin: &stdin, end: None };
    let bytes = if stdin.is_terminal() { typed(&input, question)?.0 } else { piped(&stdin)? };
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
    let stdin = io::stdin();
    let input = Input { stdin: &stdin, end: Some(end) };
    let read = if stdin.is_terminal() { typed(&input, question)? } else { input.line()? };
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

/// Where bytes come from, and until when they are waited for.
struct Input<'a> {
    stdin: &'a Stdin,
    end: Option<Instant>,
}

/// Why a line has no further bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It ends.
    Line,
    /// All of the input does.
    Input,
    /// The time is up.
    Time,
    /// The user interrupts it.
    Interrupt,
}

impl Input<'_> {
    /// Returns the next byte.
    fn byte(&self) -> io::Result<Result<u8, Ending>> {
        loop {
            if !self.is_ready()? {
                return Ok(Err(Ending::Time));
            }
            let mut byte = [0; 1];
            match rustix::io::read(self.stdin, &mut byte) {
                Err(rustix::io::Errno::INTR) => {}
                read => return Ok(if read? == 0 { Err(Ending::Input) } else { Ok(byte[0]) }),
            }
        }
    }

    /// Waits until a byte can be read. Returns false if the time is up.
    fn is_ready(&self) -> io::Result<bool> {
        let Some(end) = self.end else { return Ok(true) };
        loop {
            // More than a system call can wait is as good as for ever.
            let left = end.saturating_duration_since(Instant::now()).min(LONGEST);
            let left =
                Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            match poll(&mut [PollFd::new(self.stdin, PollFlags::IN)], Some(&left)) {
                Err(rustix::io::Errno::INTR) => {}
                ready => return Ok(ready? > 0),
            }
        }
    }

    /// Reads a line that is piped in.
    fn line(&self) -> io::Result<(Zeroizing<Vec<u8>>, Ending)> {
        let mut line = room();
        loop {
            match self.byte()? {
                Err(ending) => return Ok((line, ending)),
                Ok(b'\n') => return Ok((line, Ending::Line)),
                Ok(byte) => add(&mut line, byte),
            }
        }
    }
}

/// The longest wait for a byte.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Adds a byte. One too many tells that a line is too long; more need no room.
fn add(line: &mut Vec<u8>, byte: u8) {
    if line.len() <= MAX_BYTES {
        line.push(byte);
    }
}

/// Returns what the user types, up to the end of the line.
fn typed(input: &Input<'_>, question: &str) -> io::Result<(Zeroizing<Vec<u8>>, Ending)> {
    stderr::ask(question);
    let silent = Silent::on(input.stdin)?;
    let line = silent.line(input);
    drop(silent);
    stderr::note("");
    let line = line?;
    if line.1 == Ending::Interrupt {
        // As if the terminal had sent the signal itself.
        emulate_default_handler(SIGINT)?;
        return Err(io::ErrorKind::Interrupted.into());
    }
    Ok(line)
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

    /// Reads the keys of a line.
    fn line(&self, input: &Input<'_>) -> io::Result<(Zeroizing<Vec<u8>>, Ending)> {
        let mut line = room();
        loop {
            match input.byte()? {
                Err(ending) => return Ok((line, ending)),
                Ok(b'\r' | b'\n') => return Ok((line, Ending::Line)),
                Ok(END_OF_INPUT) => return Ok((line, Ending::Input)),
                Ok(INTERRUPT) => return Ok((line, Ending::Interrupt)),
                Ok(BACKSPACE | DELETE) => erase_character(&mut line),
                Ok(ERASE_LINE) => line.clear(),
                Ok(byte) => add(&mut line, byte),
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
