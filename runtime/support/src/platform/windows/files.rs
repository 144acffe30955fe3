//! Files below the profile directory, and what takes the place of the calls of Unix.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::platform::{GivenAccess, Readers};

/// Opens a link in place of what it leads to (`FILE_FLAG_OPEN_REPARSE_POINT`).
const LINK_ITSELF: u32 = 0x0020_0000;

/// Returns the profile directory.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::home_dir()
}

/// Creates a directory, which inherits who can use it, and those above it.
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

/// Returns options that create a file, which inherits who can use it.
pub(crate) fn owner_only() -> OpenOptions {
    OpenOptions::new()
}

/// Nothing that is opened here waits: pipes have names of their own.
pub(crate) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Opens no link. The link itself has no content.
pub(crate) fn itself(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(LINK_ITSELF)
}

/// Returns why someone else could have written the file or directory, if they could.
pub(crate) fn other_writers(path: &Path, metadata: &Metadata) -> Option<&'static str> {
    (!is_own(path, metadata)).then_some("is not in your profile directory")
}

/// Returns true if the file or directory, which exists, is below the profile directory.
pub(crate) fn is_own(path: &Path, _: &Metadata) -> bool {
    let is_below = |home: PathBuf| {
        Some(fs::canonicalize(path).ok()?.starts_with(fs::canonicalize(home).ok()?))
    };
    home().and_then(is_below).unwrap_or(false)
}

/// Returns who can use a file that this user or the system has put there.
pub(crate) fn given_access(path: &Path, found: &Metadata) -> io::Result<GivenAccess> {
    Ok(if is_own(path, found) { GivenAccess::Own } else { GivenAccess::OtherOwner })
}

/// Returns true if others can do anything with the file or directory. The checks above look
/// at where it is, and nothing else is known.
pub(crate) fn others_can_use(_: &Metadata) -> bool {
    false
}

/// As [`others_can_use`].
pub(crate) fn others_can_write(_: &Metadata) -> bool {
    false
}

/// As [`others_can_use`].
pub(crate) fn others_can_read(_: &Path, _: &Metadata) -> bool {
    false
}

/// Takes the directory away from everyone but its owner, which it is from the start.
pub(crate) fn close_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Lets these users read the file.
pub(crate) fn set_readers(_: &File, readers: Readers) -> io::Result<()> {
    only_owner(readers)
}

/// Lets these users read files in the directory.
pub(crate) fn set_directory_readers(_: &Path, readers: Readers) -> io::Result<()> {
    only_owner(readers)
}

fn only_owner(readers: Readers) -> io::Result<()> {
    match readers {
        Readers::Owner => Ok(()),
        Readers::Group => {
            Err(io::Error::new(io::ErrorKind::Unsupported, "files have no group on Windows"))
        }
    }
}

/// Renames a file, and replaces none. A plain rename would replace a file, even here.
pub(crate) fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from)
}

/// Returns when a crash of the machine can't undo what was renamed in the directory: NTFS
/// has a journal of that.
pub(crate) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes sure that this many bytes can be written to a new file. Returns false because only
/// writing does.
pub(crate) fn allocate(_: &File, _: u64) -> io::Result<bool> {
    Ok(false)
}

/// Writes from the start of the file.
pub(crate) fn write_from_start(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)
}
