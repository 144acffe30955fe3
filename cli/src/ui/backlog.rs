//! Lines for stderr from a command that others depend on.
//!
//! What reads stderr may be slow, or stop: a full pipe, a disk with much to do, a terminal where
//! someone pressed Ctrl-S. A thread that writes there waits for it. In a broker that thread has
//! clients, or is the one that is to hear the signal to end; in `render` it has all keys. So one
//! thread does nothing else than write. Lines that no one reads are kept up to a limit; after that,
//! they are lost, and counted.
//!
//! It saves system calls, too: all lines of a moment are one write, which takes as long as a fifth
//! of a request.

use std::io::{self, Write as _};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::spinner;
use crate::error::{CliError, Kind};

/// How many bytes wait: those of a second of a very busy broker, or of hours of a quiet one.
const MOST: usize = 4 << 20;

/// How many bytes of memory stay for the lines of the next moment.
const KEPT: usize = 256 << 10;

/// How long lines are gathered after a write.
const MOMENT: Duration = Duration::from_millis(20);

/// How long the end of the command waits for what reads.
const PATIENCE: Duration = Duration::from_secs(1);

/// The lines that are not written yet.
static WAITING: Mutex<Waiting> =
    Mutex::new(Waiting { lines: String::new(), lost: 0, thread: Thread::None });

/// Something waits where nothing did, or the thread is to end or has ended.
static CHANGED: Condvar = Condvar::new();

struct Waiting {
    lines: String,
    lost: u64,
    thread: Thread,
}

/// The thread that writes.
#[derive(PartialEq, Eq)]
enum Thread {
    None,
    Writing,
    /// It writes what waits, and is gone after that.
    Ending,
}

/// The thread writes until this is dropped.
pub(crate) struct Writing(());

/// Starts the thread, through which all that the process says on stderr goes from now on.
///
/// # Errors
///
/// Fails if the system has no thread left.
pub(crate) fn start() -> Result<Writing, CliError> {
    let mut waiting = waiting();
    let started = thread::Builder::new().name("stderr".to_owned()).spawn(write);
    started.map_err(|reason| {
        CliError::new(Kind::Sandbox, format!("no thread can be started: {reason}"))
    })?;
    waiting.thread = Thread::Writing;
    Ok(Writing(()))
}

/// Has `write` add a line to those that wait, if there is room. Returns false if no thread writes.
pub(crate) fn add(write: impl FnOnce(&mut String)) -> bool {
    let mut waiting = waiting();
    if waiting.thread == Thread::None {
        return false;
    }
    if waiting.lines.len() >= MOST {
        waiting.lost += 1;
        return true;
    }
    if waiting.lines.is_empty() {
        CHANGED.notify_all();
    }
    write(&mut waiting.lines);
    true
}

impl Drop for Writing {
    fn drop(&mut self) {
        let mut waiting = waiting();
        waiting.thread = Thread::Ending;
        CHANGED.notify_all();
        let goes_on = |waiting: &mut Waiting| waiting.thread != Thread::None;
        drop(CHANGED.wait_timeout_while(waiting, PATIENCE, goes_on));
    }
}

/// Writes lines until the command ends.
fn write() {
    let mut lines = String::new();
    while take(&mut lines) {
        spinner::erase();
        // What can't be written has nowhere else to go.
        let _ = io::stderr().lock().write_all(lines.as_bytes());
        lines.clear();
        lines.shrink_to(KEPT);
        let goes_on = |waiting: &mut Waiting| waiting.thread == Thread::Writing;
        drop(CHANGED.wait_timeout_while(waiting(), MOMENT, goes_on));
    }
}

/// Waits for lines, and moves them to `taken`. Returns false if there will be none.
fn take(taken: &mut String) -> bool {
    let is_idle =
        |waiting: &mut Waiting| waiting.lines.is_empty() && waiting.thread == Thread::Writing;
    let waiting = CHANGED.wait_while(waiting(), is_idle);
    let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
    std::mem::swap(&mut waiting.lines, taken);
    match std::mem::take(&mut waiting.lost) {
        0 => {}
        1 => taken.push_str("a line was lost here: stderr was not read\n"),
        lost => taken.push_str(&format!("{lost} lines were lost here: stderr was not read\n")),
    }
    if taken.is_empty() {
        waiting.thread = Thread::None;
        CHANGED.notify_all();
    }
    !taken.is_empty()
}

fn waiting() -> MutexGuard<'static, Waiting> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}
