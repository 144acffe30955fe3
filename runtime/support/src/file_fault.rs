//! Why a file is not read.

use std::io::{self, ErrorKind};

/// Why a file has no content to use.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It does not exist.
    #[error("it does not exist")]
    Absent,
    /// It is a link that leads out of its directory.
    #[error("it is a link out of its directory")]
    Outside,
    /// It is a directory, a pipe, a device or a socket.
    #[error("it is not a regular file")]
    NotRegular,
    /// It has more bytes than allowed, or grew while it was read.
    #[error("it is too large")]
    TooLarge,
    /// The system refuses to read it.
    #[error(transparent)]
    Unreadable(io::Error),
}

impl From<io::Error> for FileFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Absent,
            _ => Self::Unreadable(error),
        }
    }
}
