//! Room for the session that a server is about to answer with.
//!
//! It is a file beside the session, which takes its place when it is saved. If it is still
//! there when the next renewal begins, the last one was cut off. Then it holds either the
//! whole new session, which only has to be put in its place, or nothing: the server may have
//! answered, and no one has the answer.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use orchestration_support::kept_file::{read_kept, replace_kept};
use orchestration_support::reserved_file::{ReservedFile, finish_replacing};

use super::format::MAX_SESSION_BYTES;
use super::record::SessionRecord;

/// The room for one session.
#[derive(Default)]
pub(super) struct Room(Mutex<Option<ReservedFile>>);

/// What a renewal that was cut off has left behind.
pub(super) enum Leftover {
    Nothing,
    /// The mark that it had begun.
    Mark,
    /// The session that it was about to save.
    Session(Box<SessionRecord>),
}

impl Leftover {
    /// Returns what is left beside the session at `path`.
    pub(super) fn beside(path: &Path) -> Self {
        let bytes = match read_kept(&reserved(path), MAX_SESSION_BYTES) {
            Ok(None) => return Self::Nothing,
            Ok(Some(bytes)) => bytes,
            Err(_) => return Self::Mark,
        };
        // Where nothing was written yet, there are zeros.
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        match SessionRecord::from_bytes(bytes.get(..end).unwrap_or_default()) {
            Ok(record) => Self::Session(Box::new(record)),
            Err(_) => Self::Mark,
        }
    }
}

impl Room {
    /// Puts the session that was left behind in the place of that at `path`.
    pub(super) fn recover(path: &Path, record: &SessionRecord) -> io::Result<()> {
        finish_replacing(&reserved(path), path, record.to_bytes().len())
    }

    /// Reserves room for any session, to be saved at `path`.
    pub(super) fn reserve(&self, path: &Path) -> io::Result<()> {
        let room = ReservedFile::with_room(&reserved(path), MAX_SESSION_BYTES as u64)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(room);
        Ok(())
    }

    /// Saves a session at `path`, in the room that was reserved if there is any.
    pub(super) fn save(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match self.take() {
            Some(room) => room.replace(path, bytes),
            None => {
                replace_kept(path, bytes)?;
                forget(path)
            }
        }
    }

    /// Gives the room back. The mark stays if the server may have answered.
    pub(super) fn release(&self, leave_mark: bool) -> io::Result<()> {
        match self.take() {
            Some(room) if leave_mark => room.leave_mark(),
            Some(room) => room.remove(),
            None => Ok(()),
        }
    }

    fn take(&self) -> Option<ReservedFile> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Removes what was left beside the session at `path`.
pub(super) fn forget(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(reserved(path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns true if this is the error of a disk, or of a share of one, that is full.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

fn reserved(path: &Path) -> PathBuf {
    path.with_extension("renewing")
}
