//! Shows on a terminal that a strategy is being compiled.
//!
//! Compiling takes from milliseconds to a minute, once for each component. Who
//! waits wants to know for what; a log or a pipe does not.

use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// Does `work`, and meanwhile shows which strategies of `registry` are being
/// loaded.
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
        show(frames.next().unwrap_or_default(), &registry.loading());
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

fn show(frame: char, loading: &[String]) {
    if loading.is_empty() {
        return erase();
    }
    let names: Vec<String> = loading.iter().map(|name| format!("'{name}'")).collect();
    let noun = if names.len() == 1 { "strategy" } else { "strategies" };
    let line = format!("{frame} compiling {noun} {}…", names.join(", "));
    // One column stays free: a line that wraps could not be erased.
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0);
    let line: String = line.chars().take(usize::from(width).saturating_sub(1)).collect();
    SHOWN.store(true, Ordering::Relaxed);
    let _ = io::stderr().write_all(format!("{ERASE}{line}").as_bytes());
}
