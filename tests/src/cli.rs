//! The command line, run as a process.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::binary;

/// The product in a home folder of its own. Nothing of the environment that the
/// tests run in reaches it; the folder is gone when this is dropped.
#[derive(Debug)]
pub struct Cli {
    home: TempDir,
    variables: Vec<(OsString, OsString)>,
}

impl Default for Cli {
    fn default() -> Self {
        Self::new()
    }
}

impl Cli {
    /// An empty home folder, and no variable but `HOME`.
    pub fn new() -> Self {
        let home = TempDir::new().expect("a temporary folder can be made");
        let variables = vec![("HOME".into(), home.path().into())];
        Self { home, variables }
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Unsets a variable, e.g. `HOME`.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// Writes the providers.toml of the home folder, where it is looked for
    /// without being named.
    pub fn config(self, text: impl AsRef<[u8]>) -> Self {
        self.file(".config/orchestration/providers.toml", text);
        self
    }

    /// Writes a file below the home folder, and gives its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        let folder = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The command with these arguments, not yet started: nothing on stdin,
    /// stdout and stderr to be read by the test.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(binary::path());
        command.args(arguments);
        self.at_home(command)
    }

    /// The command under another program, e.g. one that traces it: `program`, its
    /// own arguments, the product, and the arguments of that. It gets the `PATH`
    /// of the test.
    pub fn command_under<O, A>(&self, program: &str, own: &[O], arguments: &[A]) -> Command
    where
        O: AsRef<OsStr>,
        A: AsRef<OsStr>,
    {
        let mut command = Command::new(program);
        command.args(own).arg(binary::path()).args(arguments);
        let mut command = self.at_home(command);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Another program at home, e.g. a shell, with the variables of the product
    /// and the `PATH` of the test.
    pub fn command_in<A: AsRef<OsStr>>(&self, program: &str, arguments: &[A]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments);
        let mut command = self.at_home(command);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    fn at_home(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Outcome {
        Outcome::of(&mut self.command(arguments))
    }

    /// Runs the command with its results going to `stdout`.
    pub fn run_into<A: AsRef<OsStr>>(&self, arguments: &[A], stdout: impl Into<Stdio>) -> Outcome {
        Outcome::of(self.command(arguments).stdout(stdout))
    }

    /// `auth status`.
    pub fn status(&self) -> Outcome {
        self.run(&["auth", "status"])
    }

    /// `auth login PROFILE`.
    pub fn login(&self, profile: &str) -> Outcome {
        self.run(&["auth", "login", profile])
    }
}

impl From<Output> for Outcome {
    fn from(Output { status, stdout, stderr }: Output) -> Self {
        let [stdout, stderr] = [stdout, stderr]
            .map(|text| String::from_utf8(text).expect("the product writes Unicode only"));
        let Some(status) = status.code() else {
            panic!("the product was ended by a signal: {status}\n{stdout}{stderr}");
        };
        Self { status, stdout, stderr }
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status.
    pub status: i32,
    /// The results.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Outcome {
    /// Runs `command` to its end. One that a signal ended is no outcome.
    pub fn of(command: &mut Command) -> Self {
        let output = command.output();
        output.unwrap_or_else(|error| panic!("{command:?} can't be started: {error}")).into()
    }

    /// Checks the exit status, and shows everything where it is another.
    #[track_caller]
    pub fn exits_with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "exit status of {self:#?}");
        self
    }

    /// Checks that stderr says each of `words`.
    #[track_caller]
    pub fn explains(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not on stderr:\n{}", self.stderr);
        }
        self
    }

    /// The cells of the row of `profile` in the table on stdout; none where
    /// there is no such row.
    pub fn row(&self, profile: &str) -> Vec<&str> {
        let cells = |line| -> Vec<&str> {
            str::split(line, "  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
        };
        let mut rows = self.stdout.lines().map(cells);
        rows.find(|row| row.first() == Some(&profile)).unwrap_or_default()
    }

    /// Everything that was written, for looking for what must not be there.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}
