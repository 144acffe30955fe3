//! The user's directories, and files that only their owner could have written.
//!
//! Compiled code and trust records are trusted because of who wrote them. A file in a
//! directory that others can write to proves nothing, so both the directory and the
//! file must belong to this user and be writable by no one else.

use std::fs::{self, Metadata, OpenOptions};
use std::path::{Path, PathBuf};
use std::{env, io};

use crate::platform::files;
use crate::redact::sanitize_path;

/// Returns the directory that `variable` names, or else `below_home` in the home
/// directory; `None` if the user has no home directory. Relative paths are ignored, as
/// the XDG base directory specification requires.
///
/// ```
/// use orchestration_support::owner_only::user_directory;
///
/// if let Some(cache) = user_directory("XDG_CACHE_HOME", ".cache") {
///     assert!(cache.is_absolute());
/// }
/// ```
pub fn user_directory(variable: &str, below_home: &str) -> Option<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    named.or_else(|| home_directory().map(|home| home.join(below_home)))
}

/// Returns the user's home directory, if its path is absolute.
pub fn home_directory() -> Option<PathBuf> {
    files::home().filter(|home| home.is_absolute())
}

/// Returns options that create files which only their owner can use.
pub fn owner_only_options() -> OpenOptions {
    files::owner_only()
}

/// Returns true if others can do anything with what is at `path`.
pub fn others_can_use(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| files::others_can_use(&found))
}

/// Returns true if others can write to what is at `path`.
pub fn others_can_write(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| files::others_can_write(&found))
}

/// Returns true if others can read the file at `path`, which belongs to this user, who can
/// change that.
pub fn others_can_read(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| files::others_can_read(path, &found))
}

/// Creates the directory, with access for its owner only, if it does not exist.
///
/// # Errors
///
/// Fails with the error of the file system if it cannot be created, and as
/// [`check_owner_only`] does if others can write to it.
pub fn owner_only_directory(directory: &Path) -> io::Result<()> {
    files::create_directory(directory)?;
    check_owner_only(directory, &fs::symlink_metadata(directory)?)
}

/// Checks that only this user could have written what `metadata` describes.
///
/// # Errors
///
/// Fails with [`io::ErrorKind::PermissionDenied`] if it is a symbolic link, belongs to
/// another user, or can be written by the group or others.
pub fn check_owner_only(path: &Path, metadata: &Metadata) -> io::Result<()> {
    let refuse = |reason| Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    if metadata.file_type().is_symlink() {
        return refuse(format!("{} is a symbolic link", sanitize_path(path)));
    }
    match files::other_writers(path, metadata) {
        Some(reason) => refuse(format!("{} {reason}", sanitize_path(path))),
        None => Ok(()),
    }
}
