//! Limits that the system sets on this process, and which of them an error came from.
//!
//! A login node, a container or a unit file may limit what a process uses. What then
//! fails says "cannot allocate memory" or "too many open files"; the reader needs the
//! limit that was hit.

use std::fmt;
use std::fs::File;
use std::io;

use crate::limited_resource::LimitedResource;
use crate::platform::limits;

/// A limit of this process.
///
/// ```
/// use orchestration_support::{LimitedResource, SystemLimit};
///
/// let limit = SystemLimit { resource: LimitedResource::OpenFiles, value: 6, most: Some(6) };
/// assert_eq!(limit.to_string(), "the limit of 6 open files (RLIMIT_NOFILE)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemLimit {
    /// What is limited.
    pub resource: LimitedResource,
    /// The limit.
    pub value: u64,
    /// The most that the user can raise it to; `None` if there is no such bound.
    pub most: Option<u64>,
}

impl SystemLimit {
    /// Returns the limit on `resource`; `None` if there is none.
    pub fn of(resource: LimitedResource) -> Option<Self> {
        limits::limit_on(resource).map(|(value, most)| Self { resource, value, most })
    }

    /// Returns the limit that made a call of the system fail with `error`; `None` if
    /// none is known to.
    pub fn behind(error: &io::Error) -> Option<Self> {
        match (error.raw_os_error(), error.kind()) {
            (Some(code), _) => Self::behind_code(code),
            // Wrapped by a library that adds the path.
            (None, io::ErrorKind::FileTooLarge) => Self::of(LimitedResource::FileSize),
            (None, io::ErrorKind::OutOfMemory) => Self::of(LimitedResource::AddressSpace),
            (None, _) => None,
        }
    }

    /// As [`behind`](Self::behind), for the number of the error.
    pub fn behind_code(code: i32) -> Option<Self> {
        limits::run_out(code).iter().find_map(|resource| Self::of(*resource))
    }

    /// Checks that `count` more files or connections can be opened.
    ///
    /// Some libraries panic without them, or blame what they then could not read.
    ///
    /// # Errors
    ///
    /// Fails with the limit if they can't.
    pub fn check_open_files(count: usize) -> Result<(), Self> {
        let open = |_| File::open(limits::OPENABLE);
        let opened: io::Result<Vec<File>> = (0..count).map(open).collect();
        opened.err().and_then(|error| Self::behind(&error)).map_or(Ok(()), Err)
    }

    /// Raises the limit on open files as far as the user may. A server has two for each
    /// client that it serves; the usual limit is there for programs that can't count further.
    pub fn raise_open_files() {
        limits::raise_open_files();
    }

    /// Returns true if the user can raise the limit.
    pub fn can_be_raised(&self) -> bool {
        self.most.is_none_or(|most| most > self.value)
    }
}

impl fmt::Display for SystemLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, value, .. } = self;
        match resource {
            LimitedResource::AddressSpace => {
                write!(f, "the limit of {} MiB of address space", value >> 20)
            }
            LimitedResource::FileSize => write!(f, "the limit of {} KiB a file", value >> 10),
            LimitedResource::OpenFiles => write!(f, "the limit of {value} open files"),
            LimitedResource::Processes => write!(f, "the limit of {value} processes"),
        }?;
        write!(f, " ({})", resource.name())
    }
}
