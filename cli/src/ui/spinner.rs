//! Shows on a terminal which strategies are compiling or running, which providers are
//! being asked, and what is on its way from or to a registry.
//!
//! Compiling takes from milliseconds to a minute, once per component; a provider or a
//! strategy may take seconds, for each of many profiles. The spinner appears only if
//! stderr is a terminal, so that logs and pipes stay clean.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use orchestration_runtime::{Progress, Registry};

use super::text;

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

/// How many profiles have no answer yet.
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// What a person is waited for, and until when.
static WAITING: Mutex<Option<(String, Instant)>> = Mutex::new(None);

/// What is being asked of a registry.
static TRANSFER: Mutex<Option<Transfer>> = Mutex::new(None);

/// A request to a registry.
pub(crate) enum Transfer {
    /// For the parts of an artifact, by the host.
    Asking(String),
    /// For a component, of which some bytes have arrived.
    Pulling { what: String, bytes: u64, progress: Progress },
    /// To take a component or a signature.
    Pushing(String),
}

/// Shows this request until the returned value is dropped.
pub(crate) fn transferring(transfer: Transfer) -> Transferring {
    *registry_request() = Some(transfer);
    Transferring
}

/// A request to a registry that has no answer yet.
pub(crate) struct Transferring;

impl Drop for Transferring {
    fn drop(&mut self) {
        *registry_request() = None;
    }
}

fn registry_request() -> MutexGuard<'static, Option<Transfer>> {
    TRANSFER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows that the user is waited for until `end`, or until the returned value is dropped.
pub(crate) fn waiting(what: &str, end: Instant) -> Waiting {
    *person() = Some((what.to_owned(), end));
    Waiting
}

/// A wait for the user.
pub(crate) struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        *person() = None;
    }
}

fn person() -> MutexGuard<'static, Option<(String, Instant)>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows that this many profiles have no answer yet.
pub(crate) fn left(profiles: usize) {
    LEFT.store(profiles, Ordering::Relaxed);
}

/// Shows that one profile more has its answer.
pub(crate) fn answered() {
    LEFT.fetch_sub(1, Ordering::Relaxed);
}

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

/// Runs `work`, and meanwhile shows which strategies of `registry` are loading or
/// running, and which providers are being asked.
pub(crate) async fn during<T>(registry: &Registry, work: impl Future<Output = T>) -> T {
    if !can_be_shown() {
        return work.await;
    }
    let mut work = pin!(work);
    let started = Instant::now();
    if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
        return done;
    }
    let mut frames = FRAMES.into_iter().cycle();
    loop {
        show(frames.next().unwrap_or_default(), waiting_for(registry, started));
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

/// What the command has been waiting for since it started, if for anything.
fn waiting_for(registry: &Registry, started: Instant) -> Option<String> {
    if let Some((what, end)) = &*person() {
        let left = end.saturating_duration_since(Instant::now()).as_secs();
        return Some(format!("Waiting for {what} (expires in {}:{:02})", left / 60, left % 60));
    }
    if let Some(transfer) = &*registry_request() {
        return Some(transfer.words());
    }
    let loading = registry.loading();
    if !loading.is_empty() {
        let compiling = doing("compiling", "strategy", "strategies", &loading);
        return Some(match started.elapsed().as_secs() {
            0 => compiling + "…",
            seconds => format!("{compiling} (only this once), {seconds} s…"),
        });
    }
    let asked: Vec<String> = asked().iter().cloned().collect();
    if !asked.is_empty() {
        return Some(doing("asking", "the provider of", "the providers of", &asked) + "…");
    }
    let running = registry.running();
    let left = match LEFT.load(Ordering::Relaxed) {
        0 | 1 => String::new(),
        left => format!(", {left} profiles left"),
    };
    (!running.is_empty())
        .then(|| doing("running", "strategy", "strategies", &running) + &left + "…")
}

impl Transfer {
    fn words(&self) -> String {
        match self {
            Self::Asking(host) => format!("asking {host}…"),
            Self::Pulling { what, bytes, progress } => {
                let arrived = text::size(progress.bytes().min(*bytes));
                format!("pulling {what}, {arrived} of {}…", text::size(*bytes))
            }
            Self::Pushing(what) => format!("pushing {what}…"),
        }
    }
}

fn doing(verb: &str, one: &str, several: &str, names: &[String]) -> String {
    let noun = if names.len() == 1 { one } else { several };
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("{verb} {noun} {}", quoted.join(", "))
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
