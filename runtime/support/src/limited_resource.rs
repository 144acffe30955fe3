//! What a system limits.

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
