//! A line that the console does not show, and bytes of a pipe.
//!
//! The console is read by the library that conversations use, which is told to show nothing.
//! It can't stop at a time, and neither can a read of a pipe, so each is done on a thread that
//! is left behind when the time is up: the process ends soon after.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::os::windows::io::AsHandle;
use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use rustyline::completion::Completer;
use rustyline::config::Config;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Editor, Helper};
use zeroize::Zeroizing;

use crate::ui::input_line::{Ending, MAX_BYTES, add, room};

/// The exit status of a program that Ctrl-C ends (`STATUS_CONTROL_C_EXIT`).
const INTERRUPTED: i32 = 0xC000_013Au32 as i32;

/// A line, or what there is of one, and why it ends.
type Entered = io::Result<(Zeroizing<Vec<u8>>, Ending)>;

/// Returns what the user types after `question`, up to the end of the line, if that comes before
/// `end`. Ctrl-C ends the process.
pub(crate) fn typed(question: &str, end: Option<Instant>) -> Entered {
    let question = question.to_owned();
    let entered = in_time(end, move || unseen(&question))?;
    if entered.1 == Ending::Interrupt {
        process::exit(INTERRUPTED);
    }
    Ok(entered)
}

/// Returns what is piped in.
pub(crate) fn piped() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = room();
    stdin()?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the next line that is piped in, if it comes before `end`.
pub(crate) fn piped_line(end: Instant) -> Entered {
    in_time(Some(end), line)
}

fn line() -> Entered {
    let (mut stdin, mut line) = (stdin()?, room());
    loop {
        let mut byte = [0];
        match stdin.read(&mut byte)? {
            0 => return Ok((line, Ending::Input)),
            _ if byte == *b"\n" => return Ok((line, Ending::Line)),
            _ => add(&mut line, byte[0]),
        }
    }
}

/// Standard input without the buffer of the standard library, which is not wiped.
fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}

/// Returns what `read` returns, if that is before `end`.
fn in_time(end: Option<Instant>, read: impl FnOnce() -> Entered + Send + 'static) -> Entered {
    let Some(end) = end else { return read() };
    let (done, answer) = mpsc::channel();
    thread::Builder::new().spawn(move || done.send(read()))?;
    match answer.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(entered) => entered,
        Err(RecvTimeoutError::Timeout) => Ok((room(), Ending::Time)),
        Err(RecvTimeoutError::Disconnected) => Ok((room(), Ending::Input)),
    }
}

/// Reads a line of the console and shows nothing of it.
fn unseen(question: &str) -> Entered {
    let config = Config::builder().build();
    let history = MemHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history).map_err(io::Error::other)?;
    editor.set_helper(Some(Unseen));
    match editor.readline(question).map(Zeroizing::new) {
        Ok(text) => {
            let mut line = room();
            text.bytes().for_each(|byte| add(&mut line, byte));
            Ok((line, Ending::Line))
        }
        Err(ReadlineError::Eof) => Ok((room(), Ending::Input)),
        Err(ReadlineError::Interrupted) => Ok((room(), Ending::Interrupt)),
        Err(ReadlineError::Io(error)) => Err(error),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}

/// Shows nothing of a line.
struct Unseen;

impl Highlighter for Unseen {
    fn highlight<'l>(&self, _: &'l str, _: usize) -> Cow<'l, str> {
        Cow::Borrowed("")
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        true
    }
}

impl Completer for Unseen {
    type Candidate = String;
}

impl Hinter for Unseen {
    type Hint = String;
}

impl Validator for Unseen {}

impl Helper for Unseen {}
