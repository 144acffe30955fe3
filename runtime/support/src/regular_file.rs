//! Regular files, and nothing else that a path can lead to.
//!
//! Opening a pipe waits for its writer, and reading a device never ends. A file that is
//! named by someone else, or that should be small, is opened here.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::platform::files;

/// Opens the regular file that `path` leads to, without waiting for anyone.
///
/// # Errors
///
/// Fails if it cannot be opened, and for anything but a regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Looked at first, because a device may act as soon as it is opened.
    check_regular(&fs::metadata(path)?)?;
    let file = files::without_waiting(OpenOptions::new().read(true)).open(path)?;
    // The path may lead elsewhere by now.
    check_regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads the regular file that `path` leads to, if it has at most `max_bytes`.
///
/// # Errors
///
/// Fails as [`open_regular`] does, and if the file is larger.
pub fn read_regular(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(io::Error::other(format!("it is larger than {} MiB", max_bytes >> 20)));
    }
    Ok(bytes)
}

/// Checks that `metadata` describes a regular file.
///
/// # Errors
///
/// Fails for a device, a pipe, a socket and a directory.
pub fn check_regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}
