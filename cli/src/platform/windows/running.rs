//! The command while it runs: the console is its own, and its end is ours.
//!
//! Ctrl-C reaches every program of the console. This process must outlive the command, to
//! answer its last requests, so it ignores what the console sends to both. One that closes
//! its console ends both.

use std::io;
use std::process::{Child, ExitStatus};

use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

use crate::exit::Exit;

/// The signals of the console that no longer end this process, as long as there is this.
pub(crate) struct Signals {
    _interrupt: CtrlC,
    _break: CtrlBreak,
}

impl Signals {
    /// Catches the signals, in a runtime.
    pub(crate) fn caught() -> io::Result<Self> {
        Ok(Self { _interrupt: ctrl_c()?, _break: ctrl_break()? })
    }
}

/// Returns how the command ended.
pub(crate) async fn to_the_end(mut child: Child, signals: Signals) -> io::Result<ExitStatus> {
    let ended = tokio::task::spawn_blocking(move || child.wait()).await;
    drop(signals);
    ended.map_err(io::Error::other)?
}

/// Ends as the command did. A status here may be any number, and those above 255, such as of a
/// program that crashed, have no place in the status of this one.
pub(crate) fn exit(ended: ExitStatus) -> Exit {
    Exit::OfCommand(ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}
