//! Room for the next content of a kept file, before that content is known.
//!
//! A server that takes a token once has taken it when it answers, so an answer that can't be
//! written is lost. A caller that waits for one reserves the room first. The reserved file is also
//! the mark of what was begun: if it is there the next time, nothing took its place since.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::kept_file::sync_directory;
use crate::platform::files;

/// A file with room, in the directory of the one that it is to replace.
#[derive(Debug)]
pub struct ReservedFile {
    path: PathBuf,
    file: File,
}

impl ReservedFile {
    /// Makes room for `bytes` in the file at `path`, in a directory of this user. What it held
    /// is gone.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system, e.g. if there is no room. Then the file is as
    /// empty as it was, or is not there.
    pub fn with_room(path: &Path, bytes: u64) -> io::Result<Self> {
        let existed = fs::symlink_metadata(path).is_ok();
        let mut options = files::owner_only();
        options.write(true).create(true).truncate(true);
        let file = files::itself(&mut options).open(path)?;
        if let Err(error) = allocate(&file, bytes) {
            drop(if existed { file.set_len(0) } else { fs::remove_file(path) });
            return Err(error);
        }
        Ok(Self { path: path.to_owned(), file })
    }

    /// Replaces the file at `path` by this one with this content. When this returns, the
    /// content is on the disk.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system, and then the old file is there. All or a part
    /// of the content may be in the reserved file.
    pub fn replace(self, path: &Path, content: &[u8]) -> io::Result<()> {
        files::write_from_start(&self.file, content)?;
        self.file.set_len(content.len() as u64)?;
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        sync_directory(path)
    }

    /// Gives the room back. The empty file stays, as a mark.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system.
    pub fn leave_mark(self) -> io::Result<()> {
        self.file.set_len(0)
    }

    /// Removes the file.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system.
    pub fn remove(self) -> io::Result<()> {
        fs::remove_file(self.path)
    }
}

/// Does the rest of [`ReservedFile::replace`], which was cut off when all of the content,
/// `bytes` long, was in the file at `reserved`.
///
/// # Errors
///
/// Fails with the error of the file system.
pub fn finish_replacing(reserved: &Path, path: &Path, bytes: usize) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(reserved)?;
    file.set_len(bytes as u64)?;
    file.sync_all()?;
    fs::rename(reserved, path)?;
    sync_directory(path)
}

/// Makes sure that this many bytes can be written.
fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    if files::allocate(file, bytes)? {
        return Ok(());
    }
    // Not every file system can, and all can write zeros.
    let bytes = usize::try_from(bytes).map_err(|_| ErrorKind::FileTooLarge)?;
    (&*file).write_all(&vec![0; bytes])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::MetadataExt;

    use super::{ReservedFile, finish_replacing, fs};
    use crate::kept_file::{kept_directory, replace_kept};

    #[test]
    fn reserved_room_is_used_once_and_what_is_too_much_is_given_back() {
        let directory = std::env::temp_dir().join(format!("reserved-{}", std::process::id()));
        drop(fs::remove_dir_all(&directory));
        kept_directory(&directory).unwrap();
        let (path, reserved) = (directory.join("session"), directory.join("reserved"));
        replace_kept(&path, b"old").unwrap();

        let room = ReservedFile::with_room(&reserved, 72 << 10).unwrap();
        let found = fs::metadata(&reserved).unwrap();
        assert_eq!((found.len(), found.mode() & 0o777), (72 << 10, 0o600));
        assert!(found.blocks() * 512 >= 72 << 10, "{}", found.blocks());
        room.replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert!(!reserved.exists());
        assert!(fs::metadata(&path).unwrap().blocks() * 512 < 72 << 10);

        ReservedFile::with_room(&reserved, 10).unwrap().leave_mark().unwrap();
        assert_eq!(fs::read(&reserved).unwrap(), b"");
        ReservedFile::with_room(&reserved, 10).unwrap().remove().unwrap();
        assert!(!reserved.exists());

        fs::write(&reserved, "newer\0\0\0").unwrap();
        finish_replacing(&reserved, &path, 5).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        fs::remove_dir_all(directory).unwrap();
    }
}
