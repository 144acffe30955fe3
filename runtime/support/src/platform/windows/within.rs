//! Opens a file below a directory, and follows no link there.
//!
//! Only Kubernetes needs links to be followed, and it projects no secrets on Windows that way.
//! The names on the way are looked at one after the other, and the file is then opened by its
//! path: someone who can replace one of these directories in between can lead elsewhere. In
//! the profile directory, only the user can.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use super::files::itself;
use crate::file_fault::FileFault;
use crate::names_below::names;
use crate::regular_file::check_regular;

/// Opens the regular file at `path`, below `directory`.
pub(crate) fn open_within(directory: &Path, path: &Path) -> Result<File, FileFault> {
    let mut file = directory.to_owned();
    for name in names(path)? {
        file.push(name);
        if fs::symlink_metadata(&file)?.is_symlink() {
            return Err(FileFault::Outside);
        }
    }
    check_regular(&fs::symlink_metadata(&file)?).map_err(|_| FileFault::NotRegular)?;
    let file = itself(OpenOptions::new().read(true)).open(file)?;
    check_regular(&file.metadata()?).map_err(|_| FileFault::NotRegular)?;
    Ok(file)
}
