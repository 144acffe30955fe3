//! Limits that the system sets on this process, and which of them an error came from.
//!
//! A login node, a container or a unit file may limit what a process uses. What then
//! fails says "cannot allocate memory" or "too many open files"; the reader needs the
//! limit that was hit.

use std::fmt;
use std::fs::File;
use std::io;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the system limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitedResource {
    /// Bytes of address space: `ulimit -v`.
    AddressSpace,
    /// Bytes of a file that is written: `ulimit -f`.
    FileSize,
    /// Open files and connections: `ulimit -n`.
    OpenFiles,
    /// Processes and threads of the user: `ulimit -u`.
    Processes,
}

impl LimitedResource {
    fn resource(self) -> Resource {
        match self {
            Self::AddressSpace => Resource::As,
            Self::FileSize => Resource::Fsize,
            Self::OpenFiles => Resource::Nofile,
            Self::Processes => Resource::Nproc,
        }
    }

    /// Returns the name of the limit in the system's documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::AddressSpace => "RLIMIT_AS",
            Self::FileSize => "RLIMIT_FSIZE",
            Self::OpenFiles => "RLIMIT_NOFILE",
            Self::Processes => "RLIMIT_NPROC",
        }
    }
}

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
        let limit = getrlimit(resource.resource());
        Some(Self { resource, value: limit.current?, most: limit.maximum })
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
        use LimitedResource::{AddressSpace, FileSize, OpenFiles, Processes};

        match Errno::from_raw_os_error(code) {
            Errno::NOMEM => Self::of(AddressSpace),
            Errno::FBIG => Self::of(FileSize),
            Errno::MFILE => Self::of(OpenFiles),
            // A thread that can't have its stack fails like one too many.
            Errno::AGAIN => Self::of(AddressSpace).or_else(|| Self::of(Processes)),
            _ => None,
        }
    }

    /// Checks that `count` more files or connections can be opened.
    ///
    /// Some libraries panic without them, or blame what they then could not read.
    ///
    /// # Errors
    ///
    /// Fails with the limit if they can't.
    pub fn check_open_files(count: usize) -> Result<(), Self> {
        let opened: io::Result<Vec<File>> = (0..count).map(|_| File::open("/dev/null")).collect();
        opened.err().and_then(|error| Self::behind(&error)).map_or(Ok(()), Err)
    }

    /// Raises the limit on open files as far as the user may. A server has two for each
    /// client that it serves; the usual limit is there for programs that can't count further.
    pub fn raise_open_files() {
        let limit = getrlimit(Resource::Nofile);
        // A sandbox may forbid it, and then what was there is what there is.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
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
