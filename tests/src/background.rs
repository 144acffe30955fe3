//! A program that runs while a test does.

use std::io::{BufRead, BufReader, PipeReader, Write, pipe};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
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
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = command.spawn();
        let mut process =
            started.unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
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
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        let process = command.spawn().expect("it can be started");
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
