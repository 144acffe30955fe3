//! Programs that are run for the user: in place of this process, and by a command line.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::exit::Exit;

/// The editor of users who name none.
pub(crate) const EDITOR: &str = "vi";

/// Runs `command` in place of this process, so its exit status, signals and terminal are its
/// own. Returns only if it can't be run.
pub(crate) fn replace_process(command: &mut Command) -> io::Result<Exit> {
    Err(command.exec())
}

/// Returns a command that runs `line`, such as `code --wait`, with one more argument.
pub(crate) fn of_line(line: &str, argument: &OsStr) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!("{line} \"$1\"")).arg(line).arg(argument);
    command
}
