//! What a session is, and what keeps it.

use std::fmt;

use orchestration_support::Secret;

use crate::capabilities::secrets::Origin;

/// What a strategy keeps for one profile. `Debug` prints names only.
#[derive(Clone, Default)]
pub struct Session {
    /// Its secrets.
    pub secrets: Vec<SessionSecret>,
    /// Names and texts that the strategy noted.
    pub notes: Vec<(String, String)>,
    /// Whose it is, in the strategy's words.
    pub account: Option<String>,
    /// When the credential in it expires, in seconds since the Unix epoch.
    pub expires_at: Option<u64>,
    /// Whether what it has is enough to get the next credential without the user.
    pub renews: bool,
    /// When it was saved, in seconds since the Unix epoch. Its store knows.
    pub saved: Option<u64>,
}

/// A secret of a session.
#[derive(Debug, Clone)]
pub struct SessionSecret {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: Secret,
    /// How it came to be.
    pub origin: Origin,
}

/// Keeps the session of one strategy for one profile. Its functions may wait for a disk or a
/// keyring, so they are called on a thread of their own.
pub trait SessionStore: Send + Sync {
    /// Returns what it keeps.
    fn kept(&self) -> Kept {
        Kept::Session
    }

    /// Returns the session; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Fails with [`StoreFault`] if there may be one that can't be read.
    fn load(&self) -> Result<Option<Session>, StoreFault>;

    /// Does what [`load`](Self::load) does, on the thread of the caller, if that takes less
    /// time than to start another one. `None` if it may have to wait for another program.
    fn load_at_once(&self) -> Option<Result<Option<Session>, StoreFault>> {
        None
    }

    /// Replaces the session. When this returns, a crash doesn't lose it.
    ///
    /// # Errors
    ///
    /// Fails with [`StoreFault`], and then the old session is there.
    fn save(&self, session: &Session) -> Result<(), StoreFault>;

    /// Removes the session, if there is one.
    ///
    /// # Errors
    ///
    /// Fails with [`StoreFault`] if it is still there.
    fn forget(&self) -> Result<(), StoreFault>;

    /// Makes sure that the next session can be saved, however large it is. A server that
    /// takes a refresh token once ends a session whose successor can't be saved, so this
    /// comes before the server is asked. Only one caller at a time may do this.
    ///
    /// # Errors
    ///
    /// Fails with [`StoreFault::NoRoom`] if there is no room for it.
    fn reserve(&self) -> Result<Reservation, StoreFault> {
        Ok(Reservation::Made { is_unsettled: false })
    }

    /// Gives back what [`reserve`](Self::reserve) has reserved and no session was saved in.
    /// `is_unsettled` says that a server may have answered with a new session all the same.
    fn release(&self, is_unsettled: bool) {
        _ = is_unsettled;
    }
}

/// What was found where room was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    /// There is room. If `is_unsettled`, the last reservation was for a session that a
    /// server may have answered with, and that was never saved.
    Made {
        /// See above.
        is_unsettled: bool,
    },
    /// A killed process had written a session all but the last step, which is done now:
    /// there is a newer session to be loaded.
    Recovered,
}

/// What a store keeps, as people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// What the strategy saved.
    Session,
    /// A key that the user stored.
    Key,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session => "session",
            Self::Key => "stored key",
        })
    }
}

/// Why a session was not loaded, saved or forgotten. The store has told the user more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// It has more bytes than a session may have.
    #[error("the session is too large")]
    TooLarge,
    /// It could not be read or written.
    #[error("the session could not be read or written")]
    Failed,
    /// There is no room to save it.
    #[error("there is no room on the disk to save a new session")]
    NoRoom,
    /// It is in the keyring, which is of no use now.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
}

/// Why the keyring is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringFault {
    /// The program was built without support for it.
    #[error("this build has no support for the keyring")]
    NotBuilt,
    /// There is none: no bus, or nothing on the bus that is a keyring.
    #[error("there is no keyring: {0}")]
    Absent(String),
    /// It has no default collection to keep anything in.
    #[error("the keyring has no default collection")]
    NoCollection,
    /// It is locked, and no one unlocked it.
    #[error("the keyring is locked")]
    Locked,
    /// It does not answer in time.
    #[error("the keyring does not answer")]
    Silent,
    /// It answers that it does not do what it is asked.
    #[error("the keyring refused: {0}")]
    Refused(String),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets: Vec<&str> = self.secrets.iter().map(|secret| secret.name.as_str()).collect();
        let notes: Vec<&str> = self.notes.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Session")
            .field("secrets", &secrets)
            .field("notes", &notes)
            .finish_non_exhaustive()
    }
}
