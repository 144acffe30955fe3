//! The providers.toml of a project, and whether this user trusts it.
//!
//! The file of a cloned repository was written by a stranger, and every command
//! started in that directory would read it. It could send a key to another host with
//! a base URL, or grant its own strategy the variables of a cloud account. No check
//! can decide whether such a file is safe, so it is not even parsed until the user
//! runs `orchestration trust`. Trust applies to a path and the SHA-256 of the
//! content: after a `git pull` that changes a byte, the user has to trust the file
//! again. Symbolic links are never followed, since the path that the user reviewed
//! would not be the file that is read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::layers::read;
use super::provenance::Layer;
use super::providers::{ProvidersToml, Unused, UnusedReason};
use orchestration_support::digest::sha256;
use orchestration_support::owner_only::{
    check_owner_only, owner_only_directory, owner_only_options, user_directory,
};

const DIRECTORY: &str = ".orchestration";
const NAME: &str = "providers.toml";

/// The providers.toml of a project: its path and the content that was read.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Whether a project's file may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The user trusted exactly this content.
    Trusted,
    /// The user trusted an earlier content.
    Changed,
    /// The user never trusted it.
    Unknown,
}

impl ProjectFile {
    /// Finds the file of the project that contains `directory`: the one in
    /// `directory` or its closest ancestor. `None` if there is none.
    ///
    /// # Errors
    ///
    /// Fails with the path and an [`UnusedReason`] if the file can't be read or is a
    /// symbolic link.
    pub fn find(directory: &Path) -> Result<Option<Self>, Unused> {
        let mut directories = directory.ancestors().map(|directory| directory.join(DIRECTORY));
        directories.find_map(|directory| Self::in_directory(&directory).transpose()).transpose()
    }

    fn in_directory(directory: &Path) -> Result<Option<Self>, Unused> {
        // Most directories have none, so this should be the only system call for them.
        let Ok(directory_kind) = fs::symlink_metadata(directory) else { return Ok(None) };
        let path = directory.join(NAME);
        let unused = |reason| Err(Unused { path: path.clone(), reason });
        if directory_kind.is_symlink() {
            return if path.exists() { unused(UnusedReason::Link) } else { Ok(None) };
        }
        let Ok(kind) = fs::symlink_metadata(&path) else { return Ok(None) };
        if kind.is_symlink() {
            return unused(UnusedReason::Link);
        }
        // Opening a named pipe would block until another process writes to it.
        if !kind.is_file() {
            return unused(UnusedReason::Unreadable("it is not a regular file".to_owned()));
        }
        match read(&path) {
            Ok(bytes) => Ok(Some(Self { path, bytes })),
            Err(error) => unused(UnusedReason::Unreadable(error.to_string())),
        }
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what would be in effect with this file over `own`, whether or not the
    /// user trusts it.
    ///
    /// # Errors
    ///
    /// Fails with [`ConfigError::Mistake`] if the file contains a mistake.
    pub fn over(&self, own: &ProvidersToml) -> Result<ProvidersToml, ConfigError> {
        let mut providers = own.clone();
        self.apply_to(&mut providers)?;
        Ok(providers)
    }

    pub(super) fn apply_to(&self, providers: &mut ProvidersToml) -> Result<(), ConfigError> {
        providers.apply(Layer::Project, &self.path, &self.bytes)
    }

    /// Returns whether the user trusts this content.
    pub fn trust(&self) -> Trust {
        let record = self.record_path().and_then(|path| read_record(&path).ok());
        match record {
            None => Trust::Unknown,
            Some(record) if record == self.record() => Trust::Trusted,
            Some(_) => Trust::Changed,
        }
    }

    /// Records that the user trusts this content, and returns the path of the record.
    ///
    /// # Errors
    ///
    /// Fails if the record can't be written.
    pub fn trust_it(&self) -> io::Result<PathBuf> {
        let path =
            self.record_path().ok_or_else(|| io::Error::other("the user has no home directory"))?;
        let directory = path.parent().unwrap_or(Path::new("."));
        owner_only_directory(directory)?;
        let mut file = owner_only_options().write(true).create(true).truncate(true).open(&path)?;
        // A crash may cut the record short. Then it matches no content.
        file.write_all(&self.record())?;
        Ok(path)
    }

    /// Removes the record of the user's trust. Returns false if there is none.
    ///
    /// # Errors
    ///
    /// Fails if the record can't be removed.
    pub fn distrust(&self) -> io::Result<bool> {
        let Some(path) = self.record_path() else { return Ok(false) };
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            removed => removed.map(|()| true),
        }
    }

    /// Returns the path of the record: a file named after the SHA-256 of the project
    /// file's path, in `$XDG_STATE_HOME/orchestration/trusted/` or the same under
    /// `~/.local/state`.
    fn record_path(&self) -> Option<PathBuf> {
        let state = user_directory("XDG_STATE_HOME", ".local/state")?;
        let name = sha256(self.path.as_os_str().as_encoded_bytes());
        Some(state.join("orchestration/trusted").join(name))
    }

    /// Returns the content of the record, in the format of `sha256sum`.
    fn record(&self) -> Vec<u8> {
        let mut record = format!("{}  ", sha256(&self.bytes)).into_bytes();
        record.extend_from_slice(self.path.as_os_str().as_encoded_bytes());
        record.push(b'\n');
        record
    }
}

/// Reads a record. It proves trust only if no other user could have written it.
fn read_record(path: &Path) -> io::Result<Vec<u8>> {
    let directory = path.parent().unwrap_or(Path::new("."));
    check_owner_only(directory, &fs::symlink_metadata(directory)?)?;
    check_owner_only(path, &fs::symlink_metadata(path)?)?;
    fs::read(path)
}
