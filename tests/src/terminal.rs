//! The command line on a terminal, which tmux plays.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::{Cli, tool_is_there};

/// Enough for everything that a test has to say.
const HEIGHT: &str = "60";

/// How often a pane is looked at until its command has ended, and the pause
/// between two looks. Generous: it only has to end a test that would hang.
const LOOKS: u32 = 6000;
const PAUSE: Duration = Duration::from_millis(10);

/// What a terminal shows after a command has ended.
#[derive(Debug)]
pub struct Screen {
    /// The lines as they are seen: one that did not fit is several.
    pub seen: Vec<String>,
    /// The lines as they were written.
    pub written: Vec<String>,
    /// As seen, with the escape sequences that make it look so.
    pub styled: String,
}

impl Cli {
    /// Runs the command on a terminal of `width` columns; none where this
    /// machine has no tmux.
    pub fn on_terminal<A: AsRef<OsStr>>(&self, width: usize, arguments: &[A]) -> Option<Screen> {
        self.at_terminal(width, arguments).map(Terminal::screen)
    }

    /// Starts the command on a terminal of `width` columns, for somebody who
    /// types; none where this machine has no tmux.
    pub fn at_terminal<A: AsRef<OsStr>>(
        &self,
        width: usize,
        arguments: &[A],
    ) -> Option<Terminal<'_>> {
        tool_is_there("tmux").then(|| Terminal::start(self, width, arguments))
    }
}

/// A terminal: a tmux server of its own, with the one session and the one pane.
#[derive(Debug)]
pub struct Terminal<'a> {
    /// The home folder of the command, which is gone with it.
    _cli: &'a Cli,
    socket: PathBuf,
    /// Holds the socket; goes after the server.
    _folder: TempDir,
}

impl<'a> Terminal<'a> {
    fn start<A: AsRef<OsStr>>(cli: &'a Cli, width: usize, arguments: &[A]) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let socket = folder.path().join("tmux");
        // The pane is to stay when its command has ended, and to show nothing
        // but what the command wrote.
        let options = folder.path().join("tmux.conf");
        let text = "set -g status off\nset -g remain-on-exit on\nset -g remain-on-exit-format ''\n";
        std::fs::write(&options, text).expect("a file can be written");

        let width = width.to_string();
        let own = [
            OsStr::new("-u"),
            OsStr::new("-S"),
            socket.as_os_str(),
            OsStr::new("-f"),
            options.as_os_str(),
            OsStr::new("new-session"),
            OsStr::new("-d"),
            OsStr::new("-x"),
            OsStr::new(&width),
            OsStr::new("-y"),
            OsStr::new(HEIGHT),
            OsStr::new("--"),
        ];
        // The server inherits the environment of who starts it, and the command
        // that of the server; tmux itself wants a locale that knows Unicode.
        let mut command = cli.command_under("tmux", &own, arguments);
        let started = command
            .env("LC_ALL", "C.UTF-8")
            .env("SHELL", "/bin/sh")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("tmux can be started");
        assert!(started.success(), "tmux could not start {command:?}");
        Self { _cli: cli, socket, _folder: folder }
    }

    /// Types `text`, and Return.
    pub fn enter(&self, text: &str) {
        self.ask(&["send-keys", "-l", "--", text]);
        self.press("Enter");
    }

    /// Presses a key, as tmux names it, e.g. `C-c` or `Up`.
    pub fn press(&self, key: &str) {
        self.ask(&["send-keys", key]);
    }

    /// Waits until `text` is seen.
    ///
    /// # Panics
    ///
    /// Where it never is.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        let seen = || self.ask(&["capture-pane", "-p", "-J"]);
        assert!(until(|| seen().contains(text)), "{text:?} is not seen:\n{}", seen());
    }

    /// Waits until the command has ended.
    ///
    /// # Panics
    ///
    /// Where it does not end.
    pub fn screen(self) -> Screen {
        // Dead is a pane whose output was read to its end.
        let dead = || self.ask(&["list-panes", "-F", "#{pane_dead}"]).trim() == "1";
        let seen = || self.ask(&["capture-pane", "-p", "-J"]);
        assert!(until(dead), "the command did not come to an end:\n{}", seen());
        let lines = |text: String| -> Vec<String> {
            text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
        };
        Screen {
            seen: lines(self.ask(&["capture-pane", "-p"])),
            written: lines(self.ask(&["capture-pane", "-p", "-J"])),
            styled: self.ask(&["capture-pane", "-p", "-e"]),
        }
    }

    fn ask(&self, arguments: &[&str]) -> String {
        let answer = tmux(&self.socket).args(arguments).output().expect("tmux can be started");
        let errors = String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "tmux {arguments:?}: {errors}");
        String::from_utf8(answer.stdout).expect("tmux answers in Unicode")
    }
}

/// Whether `condition` holds in the end.
fn until(condition: impl Fn() -> bool) -> bool {
    (0..LOOKS).any(|_| {
        thread::sleep(PAUSE);
        condition()
    })
}

fn tmux(socket: &Path) -> Command {
    let mut command = Command::new("tmux");
    command.env_remove("TMUX").env("LC_ALL", "C.UTF-8").args(["-u", "-S"]).arg(socket);
    command
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let _ = tmux(&self.socket).arg("kill-server").stderr(Stdio::null()).status();
    }
}
