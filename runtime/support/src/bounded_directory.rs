//! A directory of files that can be got again: owner-only, bounded, each file whole.
//!
//! What is kept to save time must not fill the disk, must not be read if someone else
//! could have written it, and must not be half of a file after a crash. The oldest files
//! make room for new ones. Files that have other names are left alone.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

use crate::owner_only::{check_owner_only, owner_only_directory};
use crate::regular_file::open_regular;

/// The length of the random part of a temporary name.
const RANDOM_CHARACTERS: usize = 16;

/// A directory of files with known names.
#[derive(Debug, Clone)]
pub struct BoundedDirectory {
    directory: PathBuf,
    max_bytes: u64,
    max_entry_bytes: u64,
    is_own: fn(&OsStr) -> bool,
}

/// A file in a [`BoundedDirectory`].
#[derive(Debug)]
pub struct BoundedFile {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    written: SystemTime,
}

/// The contents of a [`BoundedDirectory`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheInfo {
    /// The directory.
    pub directory: PathBuf,
    /// The number of its files.
    pub entries: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// The most bytes that are kept.
    pub max_bytes: u64,
    /// The names of what else is there, which is left alone.
    pub others: Vec<OsString>,
}

impl BoundedDirectory {
    /// Returns the directory, which need not exist yet, of at most `max_bytes`, in files of
    /// at most `max_entry_bytes` whose names are `is_own`. These include the temporary names
    /// `NAME.RANDOM.tmp`.
    pub fn at(
        directory: impl Into<PathBuf>,
        max_bytes: u64,
        max_entry_bytes: u64,
        is_own: fn(&OsStr) -> bool,
    ) -> Self {
        Self { directory: directory.into(), max_bytes, max_entry_bytes, is_own }
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the most bytes that are kept.
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Checks that no one else could have written what is there. A directory that does not
    /// exist yet passes.
    ///
    /// # Errors
    ///
    /// Fails with [`io::ErrorKind::PermissionDenied`] if others can write to it, and with
    /// the error of the file system if that cannot be found out.
    pub fn check(&self) -> io::Result<()> {
        match fs::symlink_metadata(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            metadata => check_owner_only(&self.directory, &metadata?),
        }
    }

    /// Opens the file of this name, which only this user could have written.
    ///
    /// # Errors
    ///
    /// Fails if there is no such file, or if others can write to it or to the directory.
    pub fn open(&self, name: impl AsRef<Path>) -> io::Result<File> {
        check_owner_only(&self.directory, &fs::symlink_metadata(&self.directory)?)?;
        let path = self.directory.join(name);
        let file = open_regular(&path)?;
        // Of the open file, because the path could lead to another file by now.
        check_owner_only(&path, &file.metadata()?)?;
        Ok(file)
    }

    /// Writes `parts`, one after the other, to the file of this name. Readers see the whole
    /// file or none: it is written under a temporary name and then renamed.
    ///
    /// # Errors
    ///
    /// Fails with [`io::ErrorKind::FileTooLarge`] if it is larger than an entry may be, and
    /// with the error of the file system if it can't be written.
    pub fn replace(&self, name: impl AsRef<Path>, parts: &[&[u8]]) -> io::Result<()> {
        owner_only_directory(&self.directory)?;
        let room: u64 = parts.iter().map(|part| part.len() as u64).sum();
        if room > self.max_entry_bytes {
            let reason = format!("{} MiB is more than one entry may take", room >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
        }
        self.make_room(room)?;
        let mut temporary = self.temporary(name.as_ref())?;
        for part in parts {
            temporary.write_all(part)?;
        }
        let persisted = temporary.persist(self.directory.join(name));
        persisted.map(drop).map_err(|error| error.error)
    }

    /// Returns the files that are its own, and the names of everything else.
    ///
    /// # Errors
    ///
    /// Fails if the directory can't be read. One that does not exist is empty.
    pub fn files(&self) -> io::Result<(Vec<BoundedFile>, Vec<OsString>)> {
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
            entries => entries?,
        };
        let (mut files, mut others) = (Vec::new(), Vec::new());
        for entry in entries {
            let entry = entry?;
            // Another process may remove files at the same time.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() && (self.is_own)(&entry.file_name()) {
                let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push(BoundedFile { path: entry.path(), bytes: metadata.len(), written });
            } else {
                others.push(entry.file_name());
            }
        }
        others.sort();
        Ok((files, others))
    }

    /// Returns what the directory contains. One that does not exist is empty.
    ///
    /// # Errors
    ///
    /// Fails if the directory can't be read.
    pub fn info(&self) -> io::Result<CacheInfo> {
        let (files, others) = self.files()?;
        Ok(CacheInfo {
            directory: self.directory.clone(),
            entries: files.len(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            max_bytes: self.max_bytes,
            others,
        })
    }

    /// Removes all files that are its own, and returns what the directory contained.
    ///
    /// # Errors
    ///
    /// Fails if a file can't be removed, and before it removes any if others can write to the
    /// directory.
    pub fn clear(&self) -> io::Result<CacheInfo> {
        self.check()?;
        let info = self.info()?;
        for file in self.files()?.0 {
            remove_if_there(&file.path)?;
        }
        Ok(info)
    }

    /// Removes the oldest files until `room` more bytes fit.
    fn make_room(&self, room: u64) -> io::Result<()> {
        let (mut files, _) = self.files()?;
        files.sort_by_key(|file| file.written);
        let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
        for file in files {
            if bytes.saturating_add(room) <= self.max_bytes {
                break;
            }
            remove_if_there(&file.path)?;
            bytes -= file.bytes;
        }
        Ok(())
    }

    /// Creates a file with a random name: processes in two containers that share the
    /// directory can have the same number.
    fn temporary(&self, name: &Path) -> io::Result<NamedTempFile> {
        let mut prefix = name.file_stem().unwrap_or_default().to_owned();
        prefix.push(".");
        tempfile::Builder::new()
            .prefix(&prefix)
            .rand_bytes(RANDOM_CHARACTERS)
            .suffix(".tmp")
            .tempfile_in(&self.directory)
    }
}

/// Removes a file that another process may have removed.
///
/// # Errors
///
/// Fails with the error of the file system if it is still there.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
