//! Limits that `ulimit` sets.

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limited_resource::LimitedResource::{
    self, AddressSpace, FileSize, OpenFiles, Processes,
};

/// A file that can always be opened.
pub(crate) const OPENABLE: &str = "/dev/null";

/// A limit, and the most that the user can raise it to.
pub(crate) type LimitAndMost = (u64, Option<u64>);

/// Returns the limit on `resource`.
pub(crate) fn limit_on(resource: LimitedResource) -> Option<LimitAndMost> {
    let limit = getrlimit(match resource {
        AddressSpace => Resource::As,
        FileSize => Resource::Fsize,
        OpenFiles => Resource::Nofile,
        Processes => Resource::Nproc,
    });
    Some((limit.current?, limit.maximum))
}

/// Returns the resources that may have run out if a call of the system fails with the error
/// of this number, the likeliest first.
pub(crate) fn run_out(code: i32) -> &'static [LimitedResource] {
    match Errno::from_raw_os_error(code) {
        Errno::NOMEM => &[AddressSpace],
        Errno::FBIG => &[FileSize],
        Errno::MFILE => &[OpenFiles],
        // A thread that can't have its stack fails like one too many.
        Errno::AGAIN => &[AddressSpace, Processes],
        _ => &[],
    }
}

/// Raises the limit on open files as far as the user may.
pub(crate) fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    // A sandbox may forbid it, and then what was there is what there is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
