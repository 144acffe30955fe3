//! A file that people edit manually, changed and never lost: providers.toml, and the settings
//! of clients.
//!
//! It is replaced as a whole or not at all: the new text is on disk before it takes the
//! file's name. Changes that an editor saved in the meantime are never overwritten.
//!
//! Some files can't be replaced: one that is mounted into a container, or one in a
//! directory that belongs to someone else. Such a file is overwritten, while a copy of
//! its old text is kept elsewhere.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use orchestration_runtime::{Readers, directory_for, read_regular, sanitize_path};
use tempfile::NamedTempFile;

use crate::platform::files::{give_owner, lock_directory, sync_directory, write_from_start};

/// As many links as Linux itself follows.
const MAX_LINKS: u32 = 40;

/// Why a file could not be changed. On every error but [`Damaged`](Self::Damaged) it is left
/// unchanged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The file could not be read.
    #[error("cannot read {}: {source}", sanitize_path(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system reported.
        source: io::Error,
    },
    /// The file is not text.
    #[error("{} is not valid UTF-8", sanitize_path(.0))]
    NotUnicode(PathBuf),
    /// The file could not be overwritten, and its old text not be written back.
    #[error(
        "{} is damaged, because writing it failed: {source}; its old text is in {}",
        sanitize_path(path),
        sanitize_path(kept)
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the file system reported.
        source: io::Error,
        /// The copy of its old text.
        kept: PathBuf,
    },
    /// The file could not be written.
    #[error("cannot write {}: {source}", sanitize_path(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the file system reported.
        source: io::Error,
    },
    /// The file was changed by someone else in the meantime.
    #[error("{} changed while this command was running; nothing was written", sanitize_path(path))]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

/// A file as it was read.
pub(crate) struct EditedFile {
    /// The path that the user knows.
    path: PathBuf,
    /// The file itself: `path` may be a symbolic link, and stays one.
    target: PathBuf,
    /// The content, or none if the file does not exist yet.
    read: Option<Vec<u8>>,
    /// The most bytes that it may have.
    max_bytes: u64,
    /// Held while the file is changed, so that two commands take turns. None if its
    /// directory does not exist yet or has no locks; the content is compared as well.
    lock: Option<File>,
}

impl EditedFile {
    /// Reads the file at `path`, which need not exist and may have `max_bytes`. Anything but
    /// a regular file is not even opened.
    pub(crate) fn open(path: &Path, max_bytes: u64) -> Result<Self, FileError> {
        let target = followed(path);
        let lock = lock_directory(directory_of(&target));
        let read = read(&target, max_bytes);
        let read = read.map_err(|source| FileError::Read { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), target, read, max_bytes, lock })
    }

    /// The path that the user knows.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The content of the file, empty if it does not exist.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.read.as_deref().unwrap_or_default()
    }

    /// The text of the file, empty if it does not exist.
    pub(crate) fn text(&self) -> Result<&str, FileError> {
        str::from_utf8(self.bytes()).map_err(|_| FileError::NotUnicode(self.path.clone()))
    }

    /// Replaces the content. Creates the directory if it does not exist.
    pub(crate) fn replace(mut self, new: &[u8]) -> Result<(), FileError> {
        let directory = directory_of(&self.target);
        let created = directory_for(directory, Readers::Owner);
        created.map_err(|source| self.unwritable(source))?;
        self.lock = self.lock.or_else(|| lock_directory(directory));
        let unfinished = self.written(new);
        self.check_unchanged()?;
        match unfinished.and_then(|unfinished| self.take_name(unfinished)) {
            Ok(()) => {
                // The file is replaced; surviving a power cut is a bonus.
                let _ = sync_directory(directory);
            }
            Err(error) if self.read.is_none() && error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(FileError::Changed { path: self.path });
            }
            Err(error) if self.read.is_some() && needs_overwriting(&error) => {
                self.overwrite(new)?;
            }
            Err(error) => return Err(self.unwritable(error)),
        }
        Ok(())
    }

    /// Keeps a copy of the file as it was read beside it, under its name and `suffix`, with the
    /// same owner and mode. An older copy is replaced. Returns its path; `None` if there was no
    /// file.
    pub(crate) fn keep_copy(&self, suffix: &str) -> Result<Option<PathBuf>, FileError> {
        let Some(old) = &self.read else { return Ok(None) };
        let mut copy = self.target.clone().into_os_string();
        copy.push(suffix);
        let copy = PathBuf::from(copy);
        let written = self.written(old).and_then(|file| Ok(file.persist(&copy)?));
        written.map_err(|source| self.unwritable(source))?;
        Ok(Some(copy))
    }

    /// Removes the file.
    pub(crate) fn remove(self) -> Result<(), FileError> {
        self.check_unchanged()?;
        fs::remove_file(&self.path).map_err(|source| self.unwritable(source))
    }

    /// Writes the content to a file beside the old one, with the same owner and mode.
    fn written(&self, new: &[u8]) -> io::Result<NamedTempFile> {
        let directory = directory_of(&self.target);
        let mut file = tempfile::Builder::new().prefix(".unfinished.").tempfile_in(directory)?;
        file.write_all(new)?;
        if self.read.is_some() {
            like(file.as_file(), &fs::metadata(&self.target)?)?;
        }
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// Gives the new file the name of the old one, which need not exist.
    fn take_name(&self, new: NamedTempFile) -> io::Result<()> {
        let named = match self.read {
            Some(_) => new.persist(&self.target),
            None => new.persist_noclobber(&self.target),
        };
        named.map(drop).map_err(|error| error.error)
    }

    /// Overwrites the file. If that fails half way, the old content is written back;
    /// and if that fails too, a copy of it is left.
    fn overwrite(&self, new: &[u8]) -> Result<(), FileError> {
        let unwritable = |source| self.unwritable(source);
        let old = self.bytes();
        let copy = copy(old).map_err(unwritable)?;
        let file = OpenOptions::new().write(true).open(&self.target).map_err(unwritable)?;
        // In another container the same file is in another directory.
        let _ = file.lock();
        self.check_unchanged()?;
        let Err(source) = overwrite(&file, new) else { return Ok(()) };
        match overwrite(&file, old) {
            Ok(()) => Err(self.unwritable(source)),
            Err(_) => {
                let kept = copy.into_temp_path().keep().map_err(|error| unwritable(error.error))?;
                Err(FileError::Damaged { path: self.path.clone(), source, kept })
            }
        }
    }

    /// Fails if the file is not as it was read.
    fn check_unchanged(&self) -> Result<(), FileError> {
        let now = read(&self.target, self.max_bytes).map_err(|source| self.unwritable(source))?;
        if now == self.read { Ok(()) } else { Err(FileError::Changed { path: self.path.clone() }) }
    }

    fn unwritable(&self, source: io::Error) -> FileError {
        FileError::Write { path: self.path.clone(), source }
    }
}

/// Whether the file may be writable although it can't be replaced: it is a mount of
/// its own, or we may neither create files beside it nor give them its owner.
fn needs_overwriting(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::ResourceBusy
            | io::ErrorKind::CrossesDevices
            | io::ErrorKind::ReadOnlyFilesystem
            // An owner that has no number in this user namespace.
            | io::ErrorKind::InvalidInput
    )
}

/// Overwrites the file with `new`. A shorter text is padded with line breaks and then cut
/// off, so that a reader finds no rest of the old one behind it. Nothing is written beyond
/// what the file has or gets: a full disk has no room for it.
fn overwrite(file: &File, new: &[u8]) -> io::Result<()> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or_default();
    let padding = length.saturating_sub(new.len());
    let padded = [new, &vec![b'\n'; padding]].concat();
    write_from_start(file, &padded)?;
    file.set_len(new.len() as u64)?;
    file.sync_all()
}

/// A copy of the content that only this user can read, removed when it is dropped.
fn copy(content: &[u8]) -> io::Result<NamedTempFile> {
    let mut copy = tempfile::Builder::new().prefix("orchestration.").tempfile()?;
    copy.write_all(content)?;
    copy.as_file().sync_all()?;
    Ok(copy)
}

/// Gives `file` the owner and the mode of `old`.
fn like(file: &File, old: &Metadata) -> io::Result<()> {
    give_owner(file, old)?;
    file.set_permissions(old.permissions())
}

fn read(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    match read_regular(path, max_bytes) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// The file that `path` leads to, which need not exist.
fn followed(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&target) {
            Ok(link) => target = directory_of(&target).join(link),
            Err(_) => break,
        }
    }
    target
}

/// The directory of a file.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        _ => Path::new("."),
    }
}
