//! Writes what `strategy run --record` recorded.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use orchestration_runtime::{RecordedCall, Recording, RecordingError, sanitize_path};

use crate::error::CliError;

/// Why a call was not recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    /// There is such a file, which may have cases that someone wrote.
    #[error("{} already exists; nothing in it was changed", sanitize_path(.0))]
    Exists(PathBuf),
    /// The file system refuses.
    #[error("cannot write {}: {source}", sanitize_path(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the file system reported.
        source: io::Error,
    },
    /// The call can't be written as a case.
    #[error("{} was not written: {reason}", sanitize_path(path))]
    Case {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: RecordingError,
    },
}

impl From<RecordError> for CliError {
    fn from(error: RecordError) -> Self {
        Self::usage(error)
    }
}

/// Fails if there is a file at `path`, before a call is made that may be made only once.
pub(super) fn expect_new(path: &Path) -> Result<(), RecordError> {
    match path.symlink_metadata() {
        Ok(_) => Err(RecordError::Exists(path.to_owned())),
        Err(_) => Ok(()),
    }
}

/// Writes the call as a case.
pub(super) fn write(
    path: &Path,
    recording: &Recording,
    call: &RecordedCall<'_>,
) -> Result<(), RecordError> {
    let case = recording.case(call);
    let case = case.map_err(|reason| RecordError::Case { path: path.to_owned(), reason })?;
    let written = File::create_new(path).and_then(|mut file| file.write_all(case.as_bytes()));
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => RecordError::Exists(path.to_owned()),
        _ => RecordError::Write { path: path.to_owned(), source },
    })
}
