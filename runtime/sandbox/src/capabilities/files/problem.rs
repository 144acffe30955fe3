//! Why a granted file is of no use.

use std::io;

use orchestration_support::within::{FileFault, read_within};

use super::GrantedFile;
use super::source::MAX_BYTES;

/// Why a strategy gets nothing from a granted file of this machine.
#[derive(Debug)]
pub enum FileProblem {
    /// It does not exist.
    Absent,
    /// It contains nothing but white space.
    Blank,
    /// It is a link that leads out of its directory.
    Outside,
    /// It is a directory, a pipe, a device or a socket.
    NotRegular,
    /// It has more than 1 MiB.
    TooLarge,
    /// It is not UTF-8.
    NotUnicode,
    /// The system refuses to read it.
    Unreadable(io::Error),
}

impl GrantedFile {
    /// Reads the file, and returns why a strategy that takes it gets nothing; `None` if it
    /// gets a secret.
    pub fn problem(&self) -> Option<FileProblem> {
        let bytes = match read_within(self.directory(), self.below(), MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(fault) => return Some(fault.into()),
        };
        match str::from_utf8(&bytes) {
            Err(_) => Some(FileProblem::NotUnicode),
            Ok(text) if text.trim().is_empty() => Some(FileProblem::Blank),
            Ok(_) => None,
        }
    }
}

impl From<FileFault> for FileProblem {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::Absent => Self::Absent,
            FileFault::Outside => Self::Outside,
            FileFault::NotRegular => Self::NotRegular,
            FileFault::TooLarge => Self::TooLarge,
            FileFault::Unreadable(error) => Self::Unreadable(error),
        }
    }
}
