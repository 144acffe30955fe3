//! What tells files apart, and who owns one.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, fchown};
use std::path::Path;

/// What changes about a file with its content.
pub(crate) type FileIdentity = (u64, u64, u64, [i64; 4]);

/// Returns what changes about a file with its content.
pub(crate) fn identity(found: &Metadata) -> FileIdentity {
    let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
    (found.dev(), found.ino(), found.len(), times)
}

/// Gives `file` the owner of `old`.
pub(crate) fn give_owner(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    Ok(())
}

/// Locks the directory until the file is dropped; `None` if it can't be locked.
pub(crate) fn lock_directory(directory: &Path) -> Option<File> {
    let directory = File::open(directory).ok()?;
    directory.lock().ok().map(|()| directory)
}

/// Returns when a crash of the machine can't undo what was renamed in the directory.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Writes from the start of the file.
pub(crate) fn write_from_start(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)
}
