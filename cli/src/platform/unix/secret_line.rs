//! Keys of a terminal that echoes nothing, and bytes of a pipe, read without the buffer of the
//! standard library, which is not wiped.

use std::io::{self, Stdin};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use signal_hook::consts::signal::SIGINT;
use signal_hook::low_level::emulate_default_handler;
use zeroize::Zeroizing;

use crate::ui::input_line::{Ending, MAX_BYTES, add, room};
use crate::ui::stderr;

/// What a terminal sends for keys that are no text.
const INTERRUPT: u8 = 0x03;
const END_OF_INPUT: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const ERASE_LINE: u8 = 0x15;
const DELETE: u8 = 0x7f;

/// The longest wait for a byte.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Returns what is piped in.
pub(crate) fn piped() -> io::Result<Zeroizing<Vec<u8>>> {
    let stdin = io::stdin();
    let (mut bytes, mut chunk) = (room(), Zeroizing::new([0; 1024]));
    while bytes.len() <= MAX_BYTES {
        let read = match rustix::io::read(&stdin, &mut *chunk) {
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

/// Returns the next line that is piped in, if it comes before `end`.
pub(crate) fn piped_line(end: Instant) -> io::Result<(Zeroizing<Vec<u8>>, Ending)> {
    Input { stdin: &io::stdin(), end: Some(end) }.line()
}

/// Returns what the user types after `question`, up to the end of the line, if that comes before
/// `end`. Ctrl-C ends the process.
pub(crate) fn typed(
    question: &str,
    end: Option<Instant>,
) -> io::Result<(Zeroizing<Vec<u8>>, Ending)> {
    let input = Input { stdin: &io::stdin(), end };
    stderr::ask(question);
    let silent = Silent::on(input.stdin)?;
    let line = silent.line(&input);
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

/// Where bytes come from, and until when they are waited for.
struct Input<'a> {
    stdin: &'a Stdin,
    end: Option<Instant>,
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
