//! One file of the directory of sessions, as it is read.

use std::path::Path;
use std::{fs, io};

use orchestration_support::kept_file::{KeptFileFault, read_kept};
use orchestration_support::owner_only::check_owner_only;

use super::format::{DamagedSession, MAX_SESSION_BYTES};
use super::record::SessionRecord;

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum UnfitSession {
    /// Its content is no session.
    #[error(transparent)]
    Content(#[from] DamagedSession),
    /// It is for another profile or strategy than its name says.
    #[error("it is for another profile or strategy")]
    Misplaced,
    /// It can't be trusted or read.
    #[error(transparent)]
    File(#[from] KeptFileFault),
}

/// Reads the session at `path`; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<SessionRecord>, UnfitSession> {
    let Some(bytes) = read_kept(path, MAX_SESSION_BYTES)? else {
        return Ok(None);
    };
    let record = SessionRecord::from_bytes(&bytes)?;
    if path.file_name().is_none_or(|name| name != record.tie.file_name().as_str()) {
        return Err(UnfitSession::Misplaced);
    }
    Ok(Some(record))
}

/// Returns true if the directory exists and no one else can write to it.
pub(super) fn exists(directory: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(directory) {
        Err(error) if is_absent(&error) => Ok(false),
        found => check_owner_only(directory, &found?).map(|()| true),
    }
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
