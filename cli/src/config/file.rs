//! providers.toml, changed in place and never lost.
//!
//! People write this file by hand. So what is there is exchanged as a whole or
//! not at all: the new text lies beside the old one, on the disk and found to be
//! good, before it takes its name. And what an editor saved in the meantime is
//! not written over.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, fchown};
use std::path::{Path, PathBuf};

use orchestration_runtime::ProvidersToml;

use crate::failure::{CliError, EditError};

/// As many as Linux itself follows.
const MAX_LINKS: u32 = 40;

/// providers.toml as it was read.
pub(crate) struct ConfigFile {
    /// Where the user has it.
    path: PathBuf,
    /// Where it lies: `path` may be a symbolic link, and stays one.
    target: PathBuf,
    /// None where there is none yet.
    read: Option<String>,
    /// Held while the file is changed, so that two of these commands take turns.
    _lock: File,
}

impl ConfigFile {
    /// Reads the file at `path`. Where there is none yet, its folder is made.
    pub(crate) fn open(path: &Path) -> Result<Self, EditError> {
        let unusable = |source| EditError::Write { path: path.to_owned(), source };
        let target = followed(path);
        let folder = folder_of(&target);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        let lock = made.and_then(|()| File::open(folder)).map_err(unusable)?;
        // Not every file system has locks; the text is compared all the same.
        let _ = lock.lock();
        let read = read(&target).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), target, read, _lock: lock })
    }

    /// What is in it; nothing where it is not there.
    pub(crate) fn text(&self) -> &str {
        self.read.as_deref().unwrap_or_default()
    }

    /// Exchanges the text. On any error the old one stays as it is.
    pub(crate) fn replace(self, text: &str) -> Result<(), CliError> {
        let unwritable = |source| EditError::Write { path: self.path.clone(), source };
        let unfinished = self.written(text).map_err(unwritable)?;
        ProvidersToml::load(unfinished.path())
            .map_err(|source| EditError::WouldNotLoad { path: self.path.clone(), source })?;
        if read(&self.target).map_err(unwritable)? != self.read {
            return Err(EditError::Changed { path: self.path }.into());
        }
        unfinished.persist(&self.target).map_err(|error| unwritable(error.error))?;
        // The new text is there; that its name outlives a power cut is a plus.
        let _ = File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// The text in a file beside the old one, as readable to others as that.
    fn written(&self, text: &str) -> io::Result<tempfile::NamedTempFile> {
        let folder = folder_of(&self.target);
        let mut file = tempfile::Builder::new().prefix(".providers.toml.").tempfile_in(folder)?;
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
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// Where `path` leads, which need not be there.
fn followed(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&target) {
            Ok(link) => target = folder_of(&target).join(link),
            Err(_) => break,
        }
    }
    target
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
