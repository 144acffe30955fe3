//! Folders of this user, and whether this user alone could have written a file.

use std::fs::{self, DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{env, io};

/// The folder that `variable` names, or the one `below_home`. The XDG base
/// directory specification wants relative paths there to be ignored. None where
/// the user has no home.
pub(crate) fn user_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let named = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    named(variable).or_else(|| named("HOME").map(|home| home.join(below_home)))
}

/// Makes the folder where it is not there.
///
/// # Errors
///
/// Fails unless this user alone can write into it.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    private(folder, &fs::symlink_metadata(folder)?)
}

/// Fails unless this user alone could have written what `metadata` tells of.
pub(crate) fn private(path: &Path, metadata: &Metadata) -> io::Result<()> {
    let refuse = |reason| Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    if metadata.file_type().is_symlink() {
        return refuse(format!("{} is a symbolic link", path.display()));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return refuse(format!("{} belongs to another user", path.display()));
    }
    if metadata.mode() & 0o022 != 0 {
        return refuse(format!("{} can be written by others", path.display()));
    }
    Ok(())
}
