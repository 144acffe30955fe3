//! Windows.
//!
//! Only a job object limits the memory of a process here, and no crate sets that limit
//! without `unsafe` on our side. A component that makes the compiler take all memory would
//! stop the machine. So a stranger's component is not compiled, which the user is told; the
//! built-in strategies were compiled by the build script.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use super::End;

/// Returns the file of this process, which can't be replaced while it runs.
pub(crate) fn executable() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// Returns why a process ended without an answer: it has said why.
pub(crate) fn why_it_ended(_: ExitStatus) -> End {
    End::Other
}

/// Fails, because the memory can't be limited.
pub(crate) fn limit_compiler(_: u64, _: u64) -> io::Result<()> {
    let reason = "components are not compiled on Windows, where their memory can't be limited";
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}

/// Returns the path of the open file, in a directory that no one else can write to.
pub(crate) fn path_of_open(_: &File, path: &Path) -> PathBuf {
    path.to_owned()
}

/// Returns the number of the system's error, if that is what wasmtime reports. It does so
/// only as the error of the standard library.
pub(crate) fn system_error(_: &(dyn std::error::Error + 'static)) -> Option<i32> {
    None
}
