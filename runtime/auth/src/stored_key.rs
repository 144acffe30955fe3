//! Keys that users store for their profiles.
//!
//! A key in a shell's startup file is readable by every program that the shell starts, and
//! many users have no other place for it. A stored key is a file that only the user can
//! read, and is given to nothing but the strategy of its profile.
//!
//! It is kept as that strategy's [session](crate::Sessions), by the same means: on the disk
//! before it counts, the old one or the new one at every moment, and only for requests to
//! the server that it was stored for. Otherwise a project that names another `base_url` for
//! the profile would be sent the key.
//!
//! What is stored is judged here, before it is on the disk: a key that can't be one is
//! found when someone types it, and not when a request fails.

use std::io;
use std::sync::Arc;

use orchestration_sandbox::{SecretOrigin, Session, SessionSecret, SessionStore, StoreFault};
use orchestration_support::Secret;
use orchestration_support::on_thread::on_thread;

use crate::bound::Bound;
use crate::catalogue::KnownProvider;
use crate::error::ProviderError;
use crate::key::{KeyFault, fault_of_text};
use crate::profile::ProviderProfile;
use crate::sessions::{SessionLock, SessionTie, Sessions};
use crate::strategies::Registry;
use crate::strategy::Scope;
use crate::variable::is_like_a_name;

/// The name under which the strategy `api_key` finds the key.
const NAME: &str = "key";

/// How a key was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStored {
    /// It is the first one.
    New,
    /// It took the place of another one.
    Replaced,
}

/// Why a key is not stored, or not removed.
#[derive(Debug, thiserror::Error)]
pub enum StoreKeyError {
    /// The profile can't be used at all.
    #[error(transparent)]
    Profile(#[from] ProviderError),
    /// The strategy of the profile takes no stored key.
    #[error("profile '{profile}': strategy '{auth_type}' takes no stored key")]
    OtherStrategy {
        /// The profile.
        profile: String,
        /// Its auth type.
        auth_type: String,
    },
    /// This registry keeps no files.
    #[error("there is no directory to keep a key in")]
    Nowhere,
    /// The text can't be a key.
    #[error("the text {0}")]
    Fault(KeyFault),
    /// The text is what the variable of a key is called.
    #[error("the text is the name of a variable, not a key")]
    Name,
    /// The directory can't be used, or a thread can't be started.
    #[error("cannot use the stored keys: {0}")]
    Unusable(#[from] io::Error),
    /// The file can't be read or written. A warning has said why.
    #[error("the file of the key cannot be read or written")]
    Failed,
}

impl Registry {
    /// Checks that a key can be stored for `profile`.
    ///
    /// # Errors
    ///
    /// Fails as [`bind`](Self::bind) does, and with [`StoreKeyError`] if the profile's
    /// strategy takes no stored key, if this registry keeps none, or if the keyring that it is
    /// to go to is of no use.
    pub async fn check_key_place(&self, profile: &ProviderProfile) -> Result<(), StoreKeyError> {
        // Its key should go nowhere, or is nothing that a strategy asks for.
        let bound = Bound::to(self, None, profile.clone(), Scope::OwnCredential)?;
        self.place_of_key(profile)?;
        Ok(bound.check_keyring().await?)
    }

    /// Returns true if the strategy of `profile` takes a key that the user stored.
    pub fn takes_stored_key(&self, profile: &ProviderProfile) -> bool {
        self.entry(&profile.auth_type).is_some_and(|entry| entry.takes_stored_key())
    }

    /// Stores the key of `profile`, in place of the one that is stored. When this returns, it
    /// is on the disk. Needs a tokio runtime with its timer.
    ///
    /// # Errors
    ///
    /// Fails as [`check_key_place`](Self::check_key_place) does, and with [`StoreKeyError`]
    /// if the text can't be a key or can't be written. Then the old one is there.
    pub async fn store_key(
        &self,
        profile: &ProviderProfile,
        key: &Secret,
    ) -> Result<KeyStored, StoreKeyError> {
        self.check_key_place(profile).await?;
        if let Some(fault) = fault_of_text(key) {
            return Err(StoreKeyError::Fault(fault));
        }
        if is_like_a_name(key.expose()) {
            return Err(StoreKeyError::Name);
        }
        let secret =
            SessionSecret { name: NAME.to_owned(), text: key.clone(), origin: SecretOrigin::Found };
        let session = Session { secrets: vec![secret], ..Session::default() };
        let replace = move |store: &dyn SessionStore| {
            let before = store.load()?;
            store.save(&session)?;
            Ok(if before.is_some() { KeyStored::Replaced } else { KeyStored::New })
        };
        self.change_key(profile, replace).await
    }

    /// Removes the stored key of `profile`. Returns false if there is none. Needs a tokio
    /// runtime with its timer.
    ///
    /// # Errors
    ///
    /// Fails with [`StoreKeyError`] if the profile's strategy takes no stored key, if this
    /// registry keeps none, or if the key is still there.
    pub async fn forget_key(&self, profile: &ProviderProfile) -> Result<bool, StoreKeyError> {
        let (sessions, _) = self.place_of_key(profile)?;
        // A user who has stored nothing gets no directory.
        if !sessions.directory().exists() {
            return Ok(false);
        }
        let forget = |store: &dyn SessionStore| {
            let before = store.load()?;
            store.forget()?;
            Ok(before.is_some())
        };
        self.change_key(profile, forget).await
    }

    fn place_of_key(
        &self,
        profile: &ProviderProfile,
    ) -> Result<(&Sessions, SessionTie), StoreKeyError> {
        let entry = self.entry(&profile.auth_type).filter(|entry| entry.takes_stored_key());
        let entry = entry.ok_or_else(|| StoreKeyError::OtherStrategy {
            profile: profile.name.clone(),
            auth_type: profile.auth_type.clone(),
        })?;
        self.key_place(profile, entry).ok_or(StoreKeyError::Nowhere)
    }

    /// Changes the stored key of `profile` while no other process does, on a thread of its
    /// own, since that waits for the disk.
    async fn change_key<T: Send + 'static>(
        &self,
        profile: &ProviderProfile,
        change: impl FnOnce(&dyn SessionStore) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreKeyError> {
        let (sessions, tie) = self.place_of_key(profile)?;
        let _lock: SessionLock = sessions.lock(&tie).await?;
        let store: Arc<dyn SessionStore> = sessions.store(tie.clone(), self.clock());
        let changed = on_thread("stored key", move || change(&*store)).await?;
        changed.map_err(|fault| match fault {
            StoreFault::Keyring(fault) => sessions.no_keyring(&tie, fault).into(),
            StoreFault::TooLarge | StoreFault::Failed | StoreFault::NoRoom => StoreKeyError::Failed,
        })
    }
}

impl ProviderProfile {
    /// Returns the provider that made `key`, by how its keys begin, if requests of this
    /// profile go to another known provider.
    pub fn stranger_of_key(&self, key: &Secret) -> Option<&'static KnownProvider> {
        let here = self.known_provider()?;
        KnownProvider::of_key(key.expose()).filter(|known| known.name != here.name)
    }
}
