//! Shows on a terminal that a strategy is being compiled, or a provider asked.
//!
//! Compiling takes from milliseconds to a minute, once for each component; a
//! provider may take seconds. Who waits wants to know for what; a log or a pipe
//! does not.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orchestration_runtime::Registry;

/// How long nothing is shown: most commands are done by then.
const PATIENCE: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Back to the start of the line, and the line away.
const ERASE: &str = "\r\x1b[2K";

/// Whether there is something to erase.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// The profiles whose providers are being asked.
static ASKED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Shows that the provider of this profile is being asked, until the answer is
/// dropped.
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

/// Does `work`, and meanwhile shows which strategies of `registry` are being
/// loaded, and which providers asked.
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

/// Takes the spinner away. Whoever writes on stderr does this first.
pub(crate) fn erase() {
    if SHOWN.swap(false, Ordering::Relaxed) {
        let _ = io::stderr().write_all(ERASE.as_bytes());
    }
}

fn can_be_shown() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// What is waited for; nothing where no one needs to be told.
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
    // One column stays free: a line that wraps could not be erased.
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0);
    let line: String = line.chars().take(usize::from(width).saturating_sub(1)).collect();
    SHOWN.store(true, Ordering::Relaxed);
    let _ = io::stderr().write_all(format!("{ERASE}{line}").as_bytes());
}
