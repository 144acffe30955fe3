//! Compiles a stranger's component in a process of its own.
//!
//! A compiler does what its input asks for. A component of a few kilobytes can make it
//! take gigabytes: many small modules whose data is far apart become dense images, and
//! a hundred kilobytes of nested loops keep it busy for minutes. Counting bytes, parts
//! and time before and beside it misses what comes next, and memory that a thread has
//! taken can't be taken back. So the compiler runs in a second process of this very
//! executable, which starts with an empty environment and no open files beside its
//! three pipes, caps itself by limits that the kernel keeps, and hands back bytes. It is
//! killed at the deadline.
//!
//! Built-in strategies don't pay for this: they were compiled by the build script.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use orchestration_support::{LimitedResource, SystemLimit, redact};

use crate::limits::{Limit, Limits};
use crate::load_error::LoadError;
use crate::platform::{End, executable, why_it_ended};

/// The most that is read of what the compiler says of an error, in bytes.
const REASON_BYTES: u64 = 4096;

/// The command that compiles components: an executable that calls
/// [`compile_stdin`](crate::compile_stdin) when it is started with these arguments,
/// followed by those of [`CompileRequest::arguments`](crate::CompileRequest).
///
/// ```
/// use orchestration_sandbox::Compiler;
///
/// let compiler = Compiler::this_executable(["compile-component"]);
/// assert!(format!("{compiler:?}").contains("compile-component"));
/// ```
#[derive(Debug, Clone)]
pub struct Compiler {
    arguments: Vec<OsString>,
}

impl Compiler {
    /// Makes the compiler of the executable that is running, started with `arguments`.
    pub fn this_executable<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self { arguments: arguments.into_iter().map(Into::into).collect() }
    }

    /// Compiles `component` for engines with a stack of `stack_bytes`.
    pub(crate) fn compile(
        &self,
        component: &[u8],
        limits: &Limits,
        stack_bytes: usize,
    ) -> Result<Vec<u8>, LoadError> {
        let room = Room::of(limits);
        let mut child = self.start(limits, room, stack_bytes)?;
        let outcome = Self::exchange(&mut child, component, limits);
        // Whatever happened, nothing of it is left.
        let _ = child.kill();
        let status = child.wait().map_err(|error| LoadError::of_thread(&error))?;
        match outcome? {
            (code, _) if status.success() => Ok(code),
            (_, reason) => Err(stopped(status, &reason, limits, room)),
        }
    }

    fn start(&self, limits: &Limits, room: Room, stack_bytes: usize) -> Result<Child, LoadError> {
        let request = CompileRequest {
            stack_bytes,
            memory_bytes: room.bytes(),
            seconds: limits.compile.as_secs().max(1),
        };
        Command::new(executable())
            .args(&self.arguments)
            .args(request.arguments())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| LoadError::of_thread(&error))
    }

    /// Hands the component over, and waits for the code or the reason why there is none.
    fn exchange(
        child: &mut Child,
        component: &[u8],
        limits: &Limits,
    ) -> Result<(Vec<u8>, String), LoadError> {
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(LoadError::Thread("it has no pipes".to_owned()));
        };
        // Code is larger than the component, and never larger than the memory.
        let most = limits.compile_memory_bytes as u64;
        let (done, answer) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                let code = read_at_most(stdout, most);
                let reason = read_at_most(stderr, REASON_BYTES);
                let _ = done.send((code, reason));
            });
            scope.spawn(move || {
                // One that ends early does not read all of it.
                let _ = stdin.write_all(component);
            });
            match answer.recv_timeout(limits.compile) {
                Ok((code, reason)) => Ok((code, String::from_utf8_lossy(&reason).into_owned())),
                Err(error) => {
                    // Both threads wait for its pipes.
                    let _ = child.kill();
                    Err(match error {
                        RecvTimeoutError::Timeout => {
                            LoadError::Limit(Limit::Compile(limits.compile))
                        }
                        RecvTimeoutError::Disconnected => {
                            LoadError::Thread("the compiler failed".to_owned())
                        }
                    })
                }
            }
        })
    }
}

/// The address space that the compiling process gets, and what bounds it.
#[derive(Clone, Copy)]
enum Room {
    /// The limit of the strategy, in bytes.
    Strategy(usize),
    /// A lower limit of the system.
    System(SystemLimit),
}

impl Room {
    fn of(limits: &Limits) -> Self {
        let most = limits.compile_memory_bytes;
        SystemLimit::of(LimitedResource::AddressSpace)
            .filter(|limit| limit.value < most as u64)
            .map_or(Self::Strategy(most), Self::System)
    }

    fn bytes(self) -> usize {
        match self {
            Self::Strategy(bytes) => bytes,
            Self::System(limit) => usize::try_from(limit.value).unwrap_or(usize::MAX),
        }
    }
}

/// What the compiling process is told on its command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileRequest {
    /// Bytes of stack of the engine that will run the code.
    pub stack_bytes: usize,
    /// Bytes of address space that the process may have.
    pub memory_bytes: usize,
    /// Seconds of CPU time that each of its threads may take.
    pub seconds: u64,
}

impl CompileRequest {
    /// Returns it as arguments, in the order of the fields.
    pub fn arguments(self) -> [String; 3] {
        [self.stack_bytes.to_string(), self.memory_bytes.to_string(), self.seconds.to_string()]
    }
}

fn read_at_most(pipe: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before an error is judged by the exit status.
    let _ = pipe.take(most).read_to_end(&mut bytes);
    bytes
}

/// Why the process ended without code.
fn stopped(status: ExitStatus, reason: &str, limits: &Limits, room: Room) -> LoadError {
    match (why_it_ended(status), room) {
        (End::Time, _) => LoadError::Limit(Limit::Compile(limits.compile)),
        (End::Memory, Room::Strategy(bytes)) => LoadError::Limit(Limit::CompileMemory(bytes)),
        (End::Memory, Room::System(limit)) => LoadError::System(limit),
        (End::Other, _) => LoadError::Invalid(redact::sanitize(reason, [])),
    }
}
