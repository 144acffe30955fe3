//! providers.toml, changed in place and never lost.
//!
//! People edit this file manually, so it is replaced as a whole or not at all: the
//! new text is on disk and known to load before it takes the file's name. Changes
//! that an editor saved in the meantime are never overwritten.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, fchown};
use std::path::{Path, PathBuf};

use orchestration_runtime::{ProvidersToml, check_regular, open_regular};

use super::error::EditError;
use crate::error::CliError;

/// As many links as Linux itself follows.
const MAX_LINKS: u32 = 40;

/// providers.toml as it was read.
pub(crate) struct ConfigFile {
    /// The path that the user knows.
    path: PathBuf,
    /// The file itself: `path` may be a symbolic link, and stays one.
    target: PathBuf,
    /// The text, or none if the file does not exist yet.
    read: Option<String>,
    /// Held while the file is changed, so that two commands take turns.
    _lock: File,
}

impl ConfigFile {
    /// Reads the file at `path`. Creates its directory if the file does not exist.
    pub(crate) fn open(path: &Path) -> Result<Self, EditError> {
        let unusable = |source| EditError::Write { path: path.to_owned(), source };
        let target = followed(path);
        check(&target).map_err(unusable)?;
        let directory = directory_of(&target);
        let created = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        let lock = created.and_then(|()| File::open(directory)).map_err(unusable)?;
        // Not every file system has locks, so the text is compared as well.
        let _ = lock.lock();
        let read = read(&target).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), target, read, _lock: lock })
    }

    /// The text of the file, empty if it does not exist.
    pub(crate) fn text(&self) -> &str {
        self.read.as_deref().unwrap_or_default()
    }

    /// Replaces the text. On any error the file is unchanged.
    pub(crate) fn replace(self, text: &str) -> Result<(), CliError> {
        let unwritable = |source| EditError::Write { path: self.path.clone(), source };
        let unfinished = self.written(text).map_err(unwritable)?;
        ProvidersToml::load(unfinished.path())
            .map_err(|source| EditError::WouldNotLoad { path: self.path.clone(), source })?;
        if read(&self.target).map_err(unwritable)? != self.read {
            return Err(EditError::Changed { path: self.path }.into());
        }
        check(&self.target).map_err(unwritable)?;
        unfinished.persist(&self.target).map_err(|error| unwritable(error.error))?;
        // The file is replaced; surviving a power cut is a bonus.
        let _ = File::open(directory_of(&self.target)).and_then(|directory| directory.sync_all());
        Ok(())
    }

    /// Writes the text to a file beside the old one, with the same owner and mode.
    fn written(&self, text: &str) -> io::Result<tempfile::NamedTempFile> {
        let directory = directory_of(&self.target);
        let mut file =
            tempfile::Builder::new().prefix(".providers.toml.").tempfile_in(directory)?;
        file.write_all(text.as_bytes())?;
        if self.read.is_some() {
            like(file.as_file(), &fs::metadata(&self.target)?)?;
        }
        file.as_file().sync_all()?;
        Ok(file)
    }
}

/// Gives `file` the owner and the mode of `old`.
fn like(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    match open_regular(path).and_then(|mut file| file.read_to_string(&mut text)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(|_| Some(text)),
    }
}

/// Fails for what must not be replaced by a file, e.g. a device.
fn check(target: &Path) -> io::Result<()> {
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        metadata => check_regular(&metadata?),
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
