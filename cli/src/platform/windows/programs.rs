//! Programs that are run for the user: as if in place of this process, and by a command line.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::process::CommandExt;
use std::process::Command;

use super::running;
use crate::exit::Exit;

/// The editor of users who name none.
pub(crate) const EDITOR: &str = "notepad";

/// Runs `command`, waits for its end, and returns its exit status: a process can't be
/// replaced by another here. Ctrl-C reaches both, and is left to the command.
pub(crate) fn replace_process(command: &mut Command) -> io::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let signals = running::Signals::caught()?;
        let child = command.spawn()?;
        running::to_the_end(child, signals).await.map(running::exit)
    })
}

/// Returns a command that runs `line`, such as `code --wait`, with one more argument, which is
/// a path and so has no quotes.
pub(crate) fn of_line(line: &str, argument: &OsStr) -> Command {
    let mut text = OsString::from(format!("/D /S /C \"{line} \""));
    text.push(argument);
    text.push("\"\"");
    let mut command = Command::new("cmd");
    command.raw_arg(text);
    command
}
