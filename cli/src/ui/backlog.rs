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
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
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

/// That of this process.
static BACKLOG: OnceLock<Arc<Backlog>> = OnceLock::new();

/// The lines that are not written yet.
#[derive(Default)]
pub(crate) struct Backlog {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    lines: String,
    lost: u64,
    /// The command ends.
    is_ending: bool,
    /// All is written, and the thread is gone.
    is_over: bool,
}

/// The thread writes until this is dropped.
pub(crate) struct Writing(Arc<Backlog>);

/// Starts the thread, through which all that the process says on stderr goes from now on.
///
/// # Errors
///
/// Fails if the system has no thread left.
pub(crate) fn start() -> Result<Writing, CliError> {
    let backlog = Arc::<Backlog>::default();
    let writer = Arc::clone(&backlog);
    let thread = thread::Builder::new().name("stderr".to_owned()).spawn(move || writer.write());
    thread.map_err(|reason| {
        CliError::new(Kind::Sandbox, format!("no thread can be started: {reason}"))
    })?;
    Ok(Writing(Arc::clone(BACKLOG.get_or_init(|| backlog))))
}

/// Adds `line` to what the thread writes; returns false if there is none.
pub(super) fn takes(line: impl FnOnce() -> String) -> bool {
    BACKLOG.get().is_some_and(|backlog| backlog.add(|lines| lines.push_str(&line())))
}

impl Writing {
    /// Returns the lines that wait.
    pub(crate) fn backlog(&self) -> Arc<Backlog> {
        Arc::clone(&self.0)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        waiting.is_ending = true;
        self.0.changed.notify_all();
        let goes_on = |waiting: &mut Waiting| !waiting.is_over;
        drop(self.0.changed.wait_timeout_while(waiting, PATIENCE, goes_on));
    }
}

impl Backlog {
    /// Has `write` add a line to those that wait, if there is room. Returns false if no thread
    /// writes any more.
    pub(crate) fn add(&self, write: impl FnOnce(&mut String)) -> bool {
        let mut waiting = self.waiting();
        if waiting.lines.len() >= MOST {
            waiting.lost += 1;
        } else if !waiting.is_over {
            let is_first = waiting.lines.is_empty();
            write(&mut waiting.lines);
            if is_first {
                self.changed.notify_all();
            }
        }
        !waiting.is_over
    }

    /// Writes lines until the command ends.
    fn write(&self) {
        let mut lines = String::new();
        while self.take(&mut lines) {
            spinner::erase();
            // What can't be written has nowhere else to go.
            let _ = io::stderr().lock().write_all(lines.as_bytes());
            lines.clear();
            lines.shrink_to(KEPT);
            let waiting = self.waiting();
            let goes_on = |waiting: &mut Waiting| !waiting.is_ending;
            drop(self.changed.wait_timeout_while(waiting, MOMENT, goes_on));
        }
    }

    /// Waits for lines, and moves them to `taken`. Returns false if there will be none.
    fn take(&self, taken: &mut String) -> bool {
        let is_idle = |waiting: &mut Waiting| waiting.lines.is_empty() && !waiting.is_ending;
        let waiting = self.changed.wait_while(self.waiting(), is_idle);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut waiting.lines, taken);
        match std::mem::take(&mut waiting.lost) {
            0 => {}
            1 => taken.push_str("a line was lost here: stderr was not read\n"),
            lost => taken.push_str(&format!("{lost} lines were lost here: stderr was not read\n")),
        }
        waiting.is_over = taken.is_empty();
        if waiting.is_over {
            self.changed.notify_all();
        }
        !waiting.is_over
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
