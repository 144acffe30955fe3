//! The command line, run as a process.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::binary;

/// The product with its own home directory. It inherits none of the test's environment.
/// The directory is removed when this is dropped.
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
    /// Creates an empty home directory. The only variable is `HOME`.
    pub fn new() -> Self {
        let home = TempDir::new().expect("a temporary directory can be created");
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

    /// Writes the user's providers.toml, at its default path in the home directory.
    pub fn config(self, text: impl AsRef<[u8]>) -> Self {
        self.file(".config/orchestration/providers.toml", text);
        self
    }

    /// Writes a file below the home directory, and returns its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        let directory = path.parent().expect("a file is in a directory");
        fs::create_dir_all(directory).expect("a directory can be created");
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Returns the home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Returns a command with these arguments that is not started yet. Its stdin is
    /// empty; its stdout and stderr are captured.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(binary::path());
        command.args(arguments);
        self.at_home(command)
    }

    /// Returns a command that runs the product under another program, e.g. a tracer:
    /// `program`, its own arguments, the product, and the product's arguments. It gets
    /// the `PATH` of the test.
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

    /// Returns a command that runs another program, e.g. a shell, with the product's home
    /// directory and variables and the `PATH` of the test.
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

    /// Runs the command and waits for it.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Outcome {
        Outcome::of(&mut self.command(arguments))
    }

    /// Runs the command with `input` piped in.
    pub fn run_with_input<A: AsRef<OsStr>>(&self, arguments: &[A], input: &[u8]) -> Outcome {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the product can be started");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // It may end before it has read everything.
        let _ = stdin.write_all(input);
        drop(stdin);
        Outcome::from(child.wait_with_output().expect("the product comes to an end"))
    }

    /// Runs the command with its output going to `stdout`.
    pub fn run_into<A: AsRef<OsStr>>(&self, arguments: &[A], stdout: impl Into<Stdio>) -> Outcome {
        Outcome::of(self.command(arguments).stdout(stdout))
    }

    /// Runs `auth status`.
    pub fn status(&self) -> Outcome {
        self.run(&["auth", "status"])
    }

    /// Runs `auth login PROFILE`.
    pub fn login(&self, profile: &str) -> Outcome {
        self.run(&["auth", "login", profile])
    }
}

impl From<Output> for Outcome {
    fn from(Output { status, stdout, stderr }: Output) -> Self {
        let [stdout, stderr] = [stdout, stderr]
            .map(|text| String::from_utf8(text).expect("the product writes Unicode only"));
        let Some(status) = status.code() else {
            panic!("the product was killed by a signal: {status}\n{stdout}{stderr}");
        };
        Self { status, stdout, stderr }
    }
}

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status.
    pub status: i32,
    /// The output on stdout.
    pub stdout: String,
    /// The output on stderr.
    pub stderr: String,
}

impl Outcome {
    /// Runs `command` and waits for it.
    ///
    /// # Panics
    ///
    /// Panics if the command cannot be started or is killed by a signal.
    pub fn of(command: &mut Command) -> Self {
        let output = command.output();
        output.unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}")).into()
    }

    /// Checks the exit status.
    ///
    /// # Panics
    ///
    /// Panics with the output if the exit status is different.
    #[track_caller]
    pub fn exits_with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "exit status of {self:#?}");
        self
    }

    /// Checks that stderr contains each of `texts`.
    ///
    /// # Panics
    ///
    /// Panics with stderr if a text is missing.
    #[track_caller]
    pub fn explains(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is not on stderr:\n{}", self.stderr);
        }
        self
    }

    /// Returns the cells of the row of `profile` in the table on stdout, or none if there
    /// is no such row.
    pub fn row(&self, profile: &str) -> Vec<&str> {
        let cells = |line| -> Vec<&str> {
            str::split(line, "  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
        };
        let mut rows = self.stdout.lines().map(cells);
        rows.find(|row| row.first() == Some(&profile)).unwrap_or_default()
    }

    /// Returns all output, to search it for what must not be there.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}
