//! Shows on a terminal which strategies are compiling, and which providers are
//! being asked.
//!
//! Compiling takes from milliseconds to a minute, once per component; a provider
//! may take seconds. The spinner appears only if stderr is a terminal, so that logs
//! and pipes stay clean.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orchestration_runtime::Registry;

/// How long to wait before showing anything. Most commands finish sooner.
const PATIENCE: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Moves to the start of the line and erases it.
const ERASE: &str = "\r\x1b[2K";

/// Whether there is something to erase.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// The profiles whose providers are being asked.
static ASKED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Shows that the provider of this profile is being asked, until the returned value
/// is dropped.
pub(crate) fn asking(profile: &str) -> Asking {
    asked().insert(profile.to_owned());
    Asking(profile.to_owned())
}

/// A provider that is being asked.
pub(crate) struct Asking(String);

impl Drop for Asking {
    fn drop(&mut self) {
        asked().remove(&self.0);
    }
}

fn asked() -> MutexGuard<'static, BTreeSet<String>> {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work`, and meanwhile shows which strategies of `registry` are loading and
/// which providers are being asked.
pub(crate) async fn during<T>(registry: &Registry, work: impl Future<Output = T>) -> T {
    if !can_be_shown() {
        return work.await;
    }
    let mut work = pin!(work);
    if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
        return done;
    }
    let mut frames = FRAMES.into_iter().cycle();
    loop {
        show(frames.next().unwrap_or_default(), waiting_for(&registry.loading()));
        if let Ok(done) = tokio::time::timeout(TICK, &mut work).await {
            erase();
            return done;
        }
    }
}

/// Erases the spinner. Every write to stdout or stderr does this first.
pub(crate) fn erase() {
    if SHOWN.swap(false, Ordering::Relaxed) {
        let _ = io::stderr().write_all(ERASE.as_bytes());
    }
}

fn can_be_shown() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// What the command is waiting for, if anything.
fn waiting_for(loading: &[String]) -> Option<String> {
    let asked: Vec<String> = asked().iter().cloned().collect();
    let (names, doing, one, several) = match loading {
        [] => (asked.as_slice(), "asking", "the provider of", "the providers of"),
        loading => (loading, "compiling", "strategy", "strategies"),
    };
    let noun = if names.len() == 1 { one } else { several };
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    (!names.is_empty()).then(|| format!("{doing} {noun} {}…", quoted.join(", ")))
}

fn show(frame: char, waiting_for: Option<String>) {
    let Some(line) = waiting_for.map(|what| format!("{frame} {what}")) else {
        return erase();
    };
    // Leave one column free: a line that wraps could not be erased.
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0);
    let line: String = line.chars().take(usize::from(width).saturating_sub(1)).collect();
    SHOWN.store(true, Ordering::Relaxed);
    let _ = io::stderr().write_all(format!("{ERASE}{line}").as_bytes());
}
