//! The directory of sessions, and what a user does with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use orchestration_sandbox::{KeyringFault, SessionStore, WallClock};
use orchestration_support::kept_file::replace_kept;
use orchestration_support::owner_only::user_directory;

use crate::error::ProviderError;

use super::file::{UnfitSession, exists, is_absent, read};
use super::file_store::FileStore;
use super::keyring::{self, Unlock};
use super::lock::SessionLock;
use super::record::SessionRecord;
use super::room;
use super::tie::{EXTENSION, SessionTie};

/// The sessions of one user: the files of a directory, and items of the keyring that some
/// of them stand for.
///
/// ```
/// use orchestration_auth::Sessions;
///
/// if let Some(sessions) = Sessions::of_current_user() {
///     assert!(sessions.directory().ends_with("orchestration/sessions"));
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    directory: PathBuf,
    in_keyring: bool,
    unlock: Unlock,
}

/// A file of the directory.
#[derive(Debug)]
#[non_exhaustive]
pub struct StoredSession {
    /// Its path.
    pub path: PathBuf,
    /// What it says, or why it can't be used.
    pub record: Result<SessionRecord, UnfitSession>,
}

/// Why a session is still there.
#[derive(Debug, thiserror::Error)]
pub enum NotRemoved {
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] io::Error),
    /// The keyring is of no use.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
}

impl Sessions {
    /// Returns the sessions in `$XDG_STATE_HOME/orchestration/sessions` or the same under
    /// `~/.local/state`; `None` if the user has no home directory.
    pub fn of_current_user() -> Option<Self> {
        let state = user_directory("XDG_STATE_HOME", ".local/state")?;
        Some(Self::at(state.join("orchestration/sessions")))
    }

    /// Returns the sessions in this directory, which is created when the first is saved.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), in_keyring: false, unlock: Unlock::Never }
    }

    /// Keeps in the keyring what is saved from now on. What is in the keyring already stays
    /// there without this.
    #[must_use]
    pub fn in_keyring(self) -> Self {
        Self { in_keyring: true, ..self }
    }

    /// Sets whether a sign-in can ask the user to unlock the keyring.
    #[must_use]
    pub fn unlocking(self, unlock: Unlock) -> Self {
        Self { unlock, ..self }
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns every session, sorted by profile and auth type, and then the files that can't
    /// be used. Nothing is changed.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system if the directory can't be read, or if others
    /// can write to it.
    pub fn list(&self) -> io::Result<Vec<StoredSession>> {
        let mut found: Vec<StoredSession> = self
            .named(|name| name.ends_with(EXTENSION))?
            .into_iter()
            .filter_map(|path| {
                let record = read(&path).transpose()?;
                Some(StoredSession { path, record })
            })
            .collect();
        found.sort_by_cached_key(|stored| match &stored.record {
            Ok(SessionRecord { tie, .. }) => {
                (false, tie.profile.clone(), tie.auth_type.clone(), PathBuf::new())
            }
            Err(_) => (true, String::new(), String::new(), stored.path.clone()),
        });
        Ok(found)
    }

    /// Returns the files that were sessions and were moved aside, sorted.
    ///
    /// # Errors
    ///
    /// Fails as [`list`](Self::list) does.
    pub fn aside(&self) -> io::Result<Vec<PathBuf>> {
        let is_aside = |name: &str| name.contains(&format!("{EXTENSION}."));
        let mut paths = self.named(is_aside)?;
        paths.sort();
        Ok(paths)
    }

    /// Removes the session in the file at this path, as [`list`](Self::list) returned it, and
    /// from the keyring. It is no error if it is gone already. This holds up its thread, which
    /// must not be one of an async runtime.
    ///
    /// # Errors
    ///
    /// Fails with [`NotRemoved`] if it is still there.
    pub fn remove(&self, path: &Path) -> Result<(), NotRemoved> {
        if let Some(name) = item_of(path) {
            keyring::remove(&name)?;
        }
        Ok(self.forget(path)?)
    }

    /// Removes the file at this path as [`remove`](Self::remove) does, and leaves what the
    /// keyring has: for one that is gone for good.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system if the file is still there.
    pub fn forget(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if !is_absent(&error) => Err(error),
            _ => room::forget(path),
        }
    }

    /// Checks, before a user signs in or types a key, that it can be saved in the keyring if it
    /// is to go there. This holds up its thread, as [`remove`](Self::remove) does.
    pub(crate) fn check_keyring(&self, tie: &SessionTie) -> Result<(), ProviderError> {
        if self.in_keyring || self.is_in_keyring(tie) {
            keyring::probe(self.unlock).map_err(|fault| self.no_keyring(tie, fault))?;
        }
        Ok(())
    }

    /// Returns the error for a keyring that is of no use for this tie.
    pub(crate) fn no_keyring(&self, tie: &SessionTie, fault: KeyringFault) -> ProviderError {
        let is_there = self.is_in_keyring(tie);
        ProviderError::Keyring { profile: tie.profile.clone(), fault, is_there }
    }

    fn is_in_keyring(&self, tie: &SessionTie) -> bool {
        item_of(&self.directory.join(tie.file_name())).is_some()
    }

    /// Returns the profiles with a session of this auth type that the component `sha256`
    /// does not find, because another one saved it.
    ///
    /// # Errors
    ///
    /// Fails as [`list`](Self::list) does.
    pub fn of_other_components(&self, auth_type: &str, sha256: &str) -> io::Result<Vec<String>> {
        let records = self.list()?.into_iter().filter_map(|stored| stored.record.ok());
        let ties = records.map(|record| record.tie);
        let others = ties.filter(|tie| tie.auth_type == auth_type && tie.component != sha256);
        Ok(others.map(|tie| tie.profile).collect())
    }

    /// Ties all sessions of this auth type to the component `sha256`, whichever one saved
    /// them. Returns their profiles.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system. Sessions that were not reached are as before.
    pub fn keep(&self, auth_type: &str, sha256: &str) -> io::Result<Vec<String>> {
        let mut kept = Vec::new();
        for StoredSession { path, record } in self.list()? {
            let Ok(mut record) = record else { continue };
            if record.tie.auth_type == auth_type && record.tie.component != sha256 {
                record.tie.component = sha256.to_owned();
                replace_kept(&path, &record.to_bytes())?;
                kept.push(record.tie.profile);
            }
        }
        Ok(kept)
    }

    /// Waits for the lock of the session of this tie.
    pub(crate) async fn lock(&self, tie: &SessionTie) -> io::Result<SessionLock> {
        SessionLock::wait(&self.directory.join(tie.file_name()).with_extension("lock")).await
    }

    /// Returns what keeps the session of this tie, and notes when by this clock.
    pub(crate) fn store(&self, tie: SessionTie, clock: WallClock) -> Arc<dyn SessionStore> {
        Arc::new(FileStore::new(self.directory.clone(), tie, clock, self.in_keyring))
    }

    /// Returns what keeps the key that the user stored for this tie, if there is one now. Every
    /// profile with a key of its own asks, so one look at the directory has to do if there is
    /// none.
    pub(crate) fn key_store(
        &self,
        tie: impl FnOnce() -> SessionTie,
        clock: WallClock,
    ) -> Option<Arc<dyn SessionStore>> {
        // One that can't be seen may be there; reading it says why.
        let is_there = |path: &Path| match fs::symlink_metadata(path) {
            Err(error) => !is_absent(&error),
            Ok(_) => true,
        };
        let tie = is_there(&self.directory).then(tie)?;
        is_there(&self.directory.join(tie.file_name())).then(|| self.store(tie, clock))
    }

    /// Returns the paths of the files with such a name.
    fn named(&self, is_wanted: impl Fn(&str) -> bool) -> io::Result<Vec<PathBuf>> {
        if !exists(&self.directory)? {
            return Ok(Vec::new());
        }
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if name.to_str().is_some_and(&is_wanted) {
                paths.push(path);
            }
        }
        Ok(paths)
    }
}

/// Returns the name of the item of the keyring that the file at `path` stands for, if it does.
fn item_of(path: &Path) -> Option<String> {
    read(path).ok().flatten()?.keyring
}
