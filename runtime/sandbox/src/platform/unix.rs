//! Linux, where the tests run, and macOS.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use super::End;

/// Where the system shows what a process has open. Not every container has `/dev`.
const OPEN_FILES: &str = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };

/// How many seconds the process may take to notice that its time is over.
const CPU_SLACK: u64 = 1;

/// Returns the file of this process. The link leads to the file that was started, even if
/// another has its name by now; code of another version would not fit.
pub(crate) fn executable() -> PathBuf {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { running } else { std::env::current_exe().unwrap_or(running) }
}

/// Returns why a process ended without an answer. Rust aborts when memory is refused.
pub(crate) fn why_it_ended(status: ExitStatus) -> End {
    let signal = status.signal();
    let is = |known: Signal| signal == Some(known.as_raw());
    if is(Signal::XCPU) || is(Signal::KILL) {
        End::Time
    } else if is(Signal::ABORT) || is(Signal::SEGV) || is(Signal::BUS) {
        End::Memory
    } else {
        End::Other
    }
}

/// Sets limits that the kernel keeps: no more memory, no more time, no file written, none
/// opened, no core, and an end with the process that started this one. That one may end
/// at the deadline before it has killed this one, or be killed itself.
pub(crate) fn limit_compiler(memory_bytes: u64, seconds: u64) -> io::Result<()> {
    // No process may raise what its parent has lowered.
    let cap = |resource, most: u64| {
        let most = getrlimit(resource).maximum.map_or(most, |maximum| most.min(maximum));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    cap(Resource::As, memory_bytes)?;
    cap(Resource::Cpu, seconds.saturating_add(CPU_SLACK))?;
    cap(Resource::Fsize, 0)?;
    cap(Resource::Core, 0)?;
    cap(Resource::Nofile, 0)?;
    end_with_parent()
}

/// Has the kernel end this process when the one that started it ends.
#[cfg(target_os = "linux")]
fn end_with_parent() -> io::Result<()> {
    use rustix::process::set_parent_process_death_signal;

    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Other kernels can't. The limit on CPU time ends this process instead.
#[cfg(not(target_os = "linux"))]
fn end_with_parent() -> io::Result<()> {
    Ok(())
}

/// Returns a path to the open file. Its own path could lead to another file by now.
pub(crate) fn path_of_open(file: &File, _: &Path) -> PathBuf {
    Path::new(OPEN_FILES).join(file.as_raw_fd().to_string())
}

/// Returns the number of the system's error, if that is what wasmtime reports.
pub(crate) fn system_error(cause: &(dyn std::error::Error + 'static)) -> Option<i32> {
    cause.downcast_ref::<Errno>().map(|error| error.raw_os_error())
}
