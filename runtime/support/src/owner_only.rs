//! The user's directories, and files that only their owner could have written.
//!
//! Compiled code and trust records are trusted because of who wrote them. A file in a
//! directory that others can write to proves nothing, so both the directory and the
//! file must belong to this user and be writable by no one else.

use std::fs::{self, DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{env, io};

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
    let named = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    named(variable).or_else(|| named("HOME").map(|home| home.join(below_home)))
}

/// Creates the directory, with access for its owner only, if it does not exist.
///
/// # Errors
///
/// Fails with the error of the file system if it cannot be created, and as
/// [`check_owner_only`] does if others can write to it.
pub fn owner_only_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
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
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return refuse(format!("{} belongs to another user", sanitize_path(path)));
    }
    if metadata.mode() & 0o022 != 0 {
        return refuse(format!("{} can be written by others", sanitize_path(path)));
    }
    Ok(())
}
