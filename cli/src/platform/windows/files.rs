//! What tells files apart. Each inherits its owner and who can use it.

use std::fs::{File, Metadata};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::windows::fs::MetadataExt;
use std::path::Path;

/// What changes about a file with its content.
pub(crate) type FileIdentity = (u64, u64, u64);

/// Returns what changes about a file with its content.
pub(crate) fn identity(found: &Metadata) -> FileIdentity {
    (found.creation_time(), found.last_write_time(), found.file_size())
}

/// Gives `file` the owner of `old`: both are in one directory, and inherit from it.
pub(crate) fn give_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Locks the directory; `None`, because only files can be locked.
pub(crate) fn lock_directory(_: &Path) -> Option<File> {
    None
}

/// Returns when a crash of the machine can't undo what was renamed in the directory: NTFS
/// has a journal of that.
pub(crate) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes from the start of the file.
pub(crate) fn write_from_start(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)
}
