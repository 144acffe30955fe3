//! The providers.toml of a project, and whether this user trusts it.
//!
//! A file that comes with a cloned repository was written by a stranger, and
//! would be read by whoever changes into the folder. It could send a key to
//! another host by a base URL, or grant a strategy of its own the variables of a
//! cloud account. Asking whether it "looks harmless" has no good answer, so it is
//! not even parsed until the user has said `orchestration trust`. What was
//! trusted is a path and the SHA-256 of what it held: a pull that changes a byte
//! has to be trusted again. A symbolic link is never followed, since the path
//! that was looked at would not be the file that is read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::layers::read;
use super::provenance::Layer;
use super::providers::{ProvidersToml, Unused, UnusedReason};
use orchestration_support::digest::sha256;
use orchestration_support::owner_only::{check_owner_only, owner_only_directory, user_directory};

const FOLDER: &str = ".orchestration";
const NAME: &str = "providers.toml";

/// The providers.toml of a project, as it was read.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Whether a project's file may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The user trusted exactly this.
    Trusted,
    /// The user trusted what was there before.
    Changed,
    /// The user never trusted it.
    Unknown,
}

impl ProjectFile {
    /// The file of the project that the folder is in: the nearest, looked for
    /// from there upwards. None where no project has one.
    ///
    /// # Errors
    ///
    /// Fails where there is one that can't be read, or that is a link.
    pub fn find(folder: &Path) -> Result<Option<Self>, Unused> {
        let mut folders = folder.ancestors().map(|folder| folder.join(FOLDER));
        folders.find_map(|folder| Self::in_folder(&folder).transpose()).transpose()
    }

    fn in_folder(folder: &Path) -> Result<Option<Self>, Unused> {
        // Most folders have none, and then this is the one thing that is asked.
        let Ok(folder_kind) = fs::symlink_metadata(folder) else { return Ok(None) };
        let path = folder.join(NAME);
        let unused = |reason| Err(Unused { path: path.clone(), reason });
        if folder_kind.is_symlink() {
            return if path.exists() { unused(UnusedReason::Link) } else { Ok(None) };
        }
        let Ok(kind) = fs::symlink_metadata(&path) else { return Ok(None) };
        if kind.is_symlink() {
            return unused(UnusedReason::Link);
        }
        // To open a pipe would be to wait for whoever writes into it.
        if !kind.is_file() {
            return unused(UnusedReason::Unreadable("it is not a file".to_owned()));
        }
        match read(&path) {
            Ok(bytes) => Ok(Some(Self { path, bytes })),
            Err(error) => unused(UnusedReason::Unreadable(error.to_string())),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says, over the built-in profiles and nothing else.
    ///
    /// # Errors
    ///
    /// Fails where it has a mistake in it.
    pub fn providers(&self) -> Result<ProvidersToml, ConfigError> {
        let mut providers = ProvidersToml::built_in();
        self.lay_over(&mut providers)?;
        Ok(providers)
    }

    pub(super) fn lay_over(&self, providers: &mut ProvidersToml) -> Result<(), ConfigError> {
        providers.lay(Layer::Project, &self.path, &self.bytes)
    }

    /// Whether the user trusted it.
    pub fn trust(&self) -> Trust {
        let record = self.record_path().and_then(|path| read_record(&path).ok());
        match record {
            None => Trust::Unknown,
            Some(record) if record == self.record() => Trust::Trusted,
            Some(_) => Trust::Changed,
        }
    }

    /// Writes down that the user trusts it as it is, and says where.
    ///
    /// # Errors
    ///
    /// Fails where that can't be written.
    pub fn trust_it(&self) -> io::Result<PathBuf> {
        let path = self.record_path().ok_or_else(|| io::Error::other("there is no home folder"))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        owner_only_directory(folder)?;
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        // Cut short by a crash, it is the record of nothing.
        file.write_all(&self.record())?;
        Ok(path)
    }

    /// Takes the user's trust back. False where there was none.
    ///
    /// # Errors
    ///
    /// Fails where the record can't be removed.
    pub fn distrust(&self) -> io::Result<bool> {
        let Some(path) = self.record_path() else { return Ok(false) };
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            removed => removed.map(|()| true),
        }
    }

    /// Where the record is kept: `$XDG_STATE_HOME/orchestration/trusted/`, or
    /// the same under `~/.local/state`, in a file named after the path.
    fn record_path(&self) -> Option<PathBuf> {
        let state = user_directory("XDG_STATE_HOME", ".local/state")?;
        let name = sha256(self.path.as_os_str().as_bytes());
        Some(state.join("orchestration/trusted").join(name))
    }

    /// What is written down, as `sha256sum` prints it.
    fn record(&self) -> Vec<u8> {
        let mut record = format!("{}  ", sha256(&self.bytes)).into_bytes();
        record.extend_from_slice(self.path.as_os_str().as_bytes());
        record.push(b'\n');
        record
    }
}

/// A record counts only where nobody else could have written it.
fn read_record(path: &Path) -> io::Result<Vec<u8>> {
    let folder = path.parent().unwrap_or(Path::new("."));
    check_owner_only(folder, &fs::symlink_metadata(folder)?)?;
    check_owner_only(path, &fs::symlink_metadata(path)?)?;
    fs::read(path)
}
