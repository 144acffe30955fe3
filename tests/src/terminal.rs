//! Runs the command line on a terminal, which tmux provides.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::{Cli, tool_is_there};

/// Enough lines for the output of every test.
const HEIGHT: &str = "60";

/// How often a pane is polled until its command exits, and the pause between two polls.
/// Generous, because this only ends tests that would hang.
const POLLS: u32 = 6000;
const PAUSE: Duration = Duration::from_millis(10);

/// Runs its arguments as a command, and then names the terminal [`EXITED`] and waits for
/// the end of the test. A pane whose command is gone may lose what it wrote last: tmux can
/// hear of the exit before it reads the output. The name arrives behind all output. What
/// interrupts the command must not end this shell.
const KEEP_OPEN: &str = r#"trap : INT QUIT; "$@"; printf '\033]2;exited\033\\'; exec sleep 3600"#;

/// What the terminal is called once the output of its command was read.
const EXITED: &str = "exited";

/// The contents of a terminal after a command exited.
#[derive(Debug)]
pub struct Screen {
    /// The lines as displayed: a line that did not fit is wrapped.
    pub seen: Vec<String>,
    /// The lines as they were written.
    pub written: Vec<String>,
    /// The displayed lines with their escape sequences.
    pub styled: String,
}

impl Cli {
    /// Runs the command on a terminal of `width` columns. Returns `None` if tmux is not
    /// installed.
    pub fn on_terminal<A: AsRef<OsStr>>(&self, width: usize, arguments: &[A]) -> Option<Screen> {
        self.at_terminal(width, arguments).map(Terminal::screen)
    }

    /// Starts the command on a terminal of `width` columns, to type into. Returns `None`
    /// if tmux is not installed.
    pub fn at_terminal<A: AsRef<OsStr>>(
        &self,
        width: usize,
        arguments: &[A],
    ) -> Option<Terminal<'_>> {
        tool_is_there("tmux").then(|| Terminal::start(self, width, arguments))
    }
}

/// A terminal: a separate tmux server with one session and one pane.
#[derive(Debug)]
pub struct Terminal<'a> {
    /// Keeps the home directory of the command.
    _cli: &'a Cli,
    socket: PathBuf,
    /// Keeps the directory of the socket until the server is stopped.
    _directory: TempDir,
}

impl<'a> Terminal<'a> {
    fn start<A: AsRef<OsStr>>(cli: &'a Cli, width: usize, arguments: &[A]) -> Self {
        let directory = TempDir::new().expect("a temporary directory can be created");
        let socket = directory.path().join("tmux");
        // Display nothing but the output of the command.
        let options = directory.path().join("tmux.conf");
        std::fs::write(&options, "set -g status off\n").expect("a file can be written");

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
            OsStr::new("/bin/sh"),
            OsStr::new("-c"),
            OsStr::new(KEEP_OPEN),
            OsStr::new("sh"),
        ];
        // The server inherits this environment, and the command inherits the server's.
        // tmux itself needs a Unicode locale.
        let mut command = cli.command_under("tmux", &own, arguments);
        let started = command
            .env("LC_ALL", "C.UTF-8")
            .env("SHELL", "/bin/sh")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("tmux can be started");
        assert!(started.success(), "tmux could not start {command:?}");
        Self { _cli: cli, socket, _directory: directory }
    }

    /// Types `text` and presses Enter.
    pub fn enter(&self, text: &str) {
        self.ask(&["send-keys", "-l", "--", text]);
        self.press("Enter");
    }

    /// Types these bytes, which need not be text.
    pub fn type_bytes(&self, bytes: &[u8]) {
        let codes = bytes.iter().map(|byte| format!("{byte:02x}"));
        let codes: Vec<String> = codes.collect();
        let own = ["send-keys", "-H"].into_iter();
        self.ask(&own.chain(codes.iter().map(String::as_str)).collect::<Vec<_>>());
    }

    /// Presses a key, by its name in tmux, e.g. `C-c` or `Up`.
    pub fn press(&self, key: &str) {
        self.ask(&["send-keys", key]);
    }

    /// Waits until `text` is displayed.
    ///
    /// # Panics
    ///
    /// Panics if it is not displayed within a minute.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        assert!(
            until(|| self.displayed().contains(text)),
            "{text:?} is not displayed:\n{}",
            self.displayed()
        );
    }

    /// Returns what is displayed now, with lines as they were written.
    pub fn displayed(&self) -> String {
        self.ask(&["capture-pane", "-p", "-J"])
    }

    /// Waits until the command exits, and returns the contents of the terminal.
    ///
    /// # Panics
    ///
    /// Panics if it does not exit within a minute.
    pub fn screen(self) -> Screen {
        let exited = || self.ask(&["list-panes", "-F", "#{pane_title}"]).trim() == EXITED;
        let displayed = || self.ask(&["capture-pane", "-p", "-J"]);
        assert!(until(exited), "the command did not exit:\n{}", displayed());
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
        String::from_utf8(answer.stdout).expect("tmux writes Unicode")
    }
}

/// Waits until `condition` is true. Returns false if that takes too long.
fn until(condition: impl Fn() -> bool) -> bool {
    (0..POLLS).any(|_| {
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
