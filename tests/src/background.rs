//! A program that runs while a test does.

use std::io::{BufRead, BufReader, PipeReader, Write, pipe};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use crate::identity::in_a_minute;

/// A program in the background, which is ended when this is dropped.
#[derive(Debug)]
pub struct Background {
    process: Child,
    stderr: Arc<Mutex<String>>,
    /// Where stderr ends, if it is not read.
    _unread: Option<PipeReader>,
}

impl Background {
    /// Starts a program.
    ///
    /// # Panics
    ///
    /// Panics if it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let mut process = spawned(command, Stdio::piped());
        let lines = BufReader::new(process.stderr.take().expect("stderr is a pipe"));
        let stderr = Arc::<Mutex<String>>::default();
        let written = Arc::clone(&stderr);
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut written = written.lock().unwrap();
                written.push_str(&line);
                written.push('\n');
            }
        });
        Self { process, stderr, _unread: None }
    }

    /// Starts a program whose stderr is a full pipe that no one reads.
    ///
    /// # Panics
    ///
    /// Panics if it cannot be started.
    pub fn start_unread(command: &mut Command) -> Self {
        let (unread, stderr) = pipe().expect("there is a pipe");
        let mut filled = stderr.try_clone().expect("it can be shared");
        // More than a pipe takes, so it waits until the pipe is gone.
        thread::spawn(move || filled.write_all(&[b'-'; 2 << 20]));
        let process = spawned(command, stderr.into());
        Self { process, stderr: Arc::default(), _unread: Some(unread) }
    }

    /// Returns what it has written to stderr so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits until it has written `text` to stderr.
    ///
    /// # Panics
    ///
    /// Panics with what it has written if that is not so within a minute.
    #[track_caller]
    pub fn says(&self, text: &str) {
        let said = in_a_minute(|| self.stderr().contains(text));
        assert!(said, "{text:?} is not on stderr:\n{}", self.stderr());
    }

    /// Stops reading its stderr until what is returned is dropped.
    pub fn stop_reading(&self) -> MutexGuard<'_, String> {
        self.stderr.lock().unwrap()
    }

    /// Sends a signal, e.g. `HUP`.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.expect("there is kill").success());
    }

    /// Returns its exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().expect("it can be waited for")
    }

    /// Returns its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawned(command: &mut Command, stderr: Stdio) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
    let started = command.spawn();
    started.unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"))
}
