//! Whether this user alone could have written a file.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

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
