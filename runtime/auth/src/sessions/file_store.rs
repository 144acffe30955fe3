//! The session of one strategy for one profile, in a file, or in the keyring if the file says
//! so.

use std::path::{Path, PathBuf};
use std::{fs, io};

use orchestration_sandbox::{Kept, Reservation, Session, SessionStore, StoreFault, WallClock};
use orchestration_support::kept_file::{
    KeptFileFault, keep_aside, kept_directory, move_aside, remove_unfinished,
};
use orchestration_support::redact::sanitize_path;

use super::file::{UnfitSession, exists, is_absent, read};
use super::format::MAX_SESSION_BYTES;
use super::keyring::{self, item};
use super::record::SessionRecord;
use super::room::{self, Leftover, Room};
use super::tie::SessionTie;

/// What the names of files say that are aside.
const UNUSABLE: &str = "unusable";

/// Keeps the session with one tie.
pub(super) struct FileStore {
    directory: PathBuf,
    tie: SessionTie,
    clock: WallClock,
    /// Whether what is saved goes to the keyring, even if it is in a file now.
    in_keyring: bool,
    room: Room,
}

impl FileStore {
    pub(super) fn new(
        directory: PathBuf,
        tie: SessionTie,
        clock: WallClock,
        in_keyring: bool,
    ) -> Self {
        Self { directory, tie, clock, in_keyring, room: Room::default() }
    }

    fn path(&self) -> PathBuf {
        self.directory.join(self.tie.file_name())
    }

    /// Creates the directory, if it does not exist, and tidies it up.
    fn prepare(&self) -> io::Result<()> {
        kept_directory(&self.directory)?;
        remove_unfinished(&self.directory)
    }

    /// Returns the session of this profile and strategy, whichever component saved it. What
    /// can't be used is moved aside.
    fn record(&self) -> Result<Option<SessionRecord>, StoreFault> {
        if !exists(&self.directory).map_err(|error| self.failed("read", &error))? {
            return Ok(None);
        }
        let path = self.path();
        match read(&path) {
            Ok(record) => Ok(record),
            // It may be readable the next time.
            Err(UnfitSession::File(KeptFileFault::Unreadable(error))) => {
                Err(self.failed("read", &error))
            }
            Err(unfit) => {
                self.set_aside(&path, &unfit.to_string())?;
                Ok(None)
            }
        }
    }

    /// Returns the session that has this tie.
    fn own_record(&self) -> Result<Option<SessionRecord>, StoreFault> {
        let record = self.record()?;
        if record.as_ref().is_some_and(|record| record.tie != self.tie) {
            tracing::info!(
                "the {} of profile '{}' is for another component",
                self.tie.kept(),
                self.tie.profile
            );
        }
        Ok(record.filter(|record| record.tie == self.tie))
    }

    /// Returns the name of the item of the keyring to save to, if not to the file: once in the
    /// keyring, a session stays there.
    fn item(&self, before: Option<&SessionRecord>) -> Option<String> {
        let known = before.and_then(|before| before.keyring.clone());
        known.or_else(|| self.in_keyring.then(|| item::name(&self.tie)))
    }

    /// Moves a file that is not used out of the way, so that a new session can be saved.
    fn set_aside(&self, path: &Path, unfit: &str) -> Result<(), StoreFault> {
        let aside = move_aside(path, UNUSABLE).map_err(|error| self.failed("move", &error))?;
        self.warn_of_unused(path, unfit, &aside);
        Ok(())
    }

    /// Keeps the session of another component, which is about to be replaced. Until then it
    /// is there for that component: a crash must not leave neither.
    fn keep_other(&self) -> Result<(), StoreFault> {
        let path = self.path();
        let aside = keep_aside(&path, UNUSABLE).map_err(|error| self.failed("move", &error))?;
        self.warn_of_unused(&path, "another component saved it", &aside);
        Ok(())
    }

    fn warn_of_unused(&self, path: &Path, unfit: &str, aside: &Path) {
        let reason = format!("{unfit}; it is now {}", sanitize_path(aside));
        tracing::warn!(
            path = %sanitize_path(path),
            reason,
            "the {} of profile '{}' is not used",
            self.tie.kept(),
            self.tie.profile
        );
    }

    fn failed(&self, action: &str, error: &io::Error) -> StoreFault {
        tracing::warn!(
            path = %sanitize_path(&self.path()),
            reason = %error,
            "cannot {action} the {} of profile '{}'",
            self.tie.kept(),
            self.tie.profile
        );
        StoreFault::Failed
    }
}

impl SessionStore for FileStore {
    fn kept(&self) -> Kept {
        self.tie.kept()
    }

    fn load(&self) -> Result<Option<Session>, StoreFault> {
        let record = match self.own_record()? {
            Some(SessionRecord { keyring: Some(name), .. }) => item::load(&name, &self.tie)?,
            record => record,
        };
        Ok(record.map(session))
    }

    /// Reading the file is quick; the keyring may ask the user.
    fn load_at_once(&self) -> Option<Result<Option<Session>, StoreFault>> {
        match self.own_record() {
            Ok(Some(SessionRecord { keyring: Some(_), .. })) => None,
            record => Some(record.map(|record| record.map(session))),
        }
    }

    fn save(&self, session: &Session) -> Result<(), StoreFault> {
        self.prepare().map_err(|error| self.failed("save", &error))?;
        let before = self.record()?;
        let is_ours = before.as_ref().is_none_or(|before| before.tie == self.tie);
        let item = self.item(before.as_ref().filter(|_| is_ours));
        // A key starts again with each that replaces it.
        let goes_on = self.tie.kept() == Kept::Session;
        let before = before.filter(|before| goes_on && before.session.account == session.account);
        let now = self.clock.seconds();
        let record = SessionRecord {
            tie: self.tie.clone(),
            since: before.filter(|_| is_ours).map_or(now, |before| before.since),
            saved: now,
            keyring: None,
            session: session.clone(),
        };
        let mut bytes = record.to_bytes();
        if bytes.len() > MAX_SESSION_BYTES {
            return Err(StoreFault::TooLarge);
        }
        if let Some(item) = item {
            bytes = item::save(item, &record)?.to_bytes();
        }
        if !is_ours {
            self.keep_other()?;
        }
        self.room.save(&self.path(), &bytes).map_err(|error| self.failed("save", &error))
    }

    fn forget(&self) -> Result<(), StoreFault> {
        // That of another component is not this strategy's to remove.
        let Some(record) = self.record()?.filter(|record| record.tie == self.tie) else {
            return Ok(());
        };
        if let Some(name) = record.keyring {
            keyring::remove(&name)?;
        }
        match fs::remove_file(self.path()) {
            Err(error) if !is_absent(&error) => Err(self.failed("remove", &error)),
            _ => room::forget(&self.path()).map_err(|error| self.failed("remove", &error)),
        }
    }

    fn reserve(&self) -> Result<Reservation, StoreFault> {
        let path = self.path();
        let leftover = Leftover::beside(&path);
        if let Leftover::Session(record) = &leftover
            && record.tie == self.tie
        {
            Room::recover(&path, record).map_err(|error| self.failed("save", &error))?;
            return Ok(Reservation::Recovered);
        }
        let reserved = self.prepare().and_then(|()| self.room.reserve(&path));
        reserved.map_err(|error| {
            let fault = self.failed("save", &error);
            if room::is_full(&error) { StoreFault::NoRoom } else { fault }
        })?;
        Ok(Reservation::Made { is_unsettled: !matches!(leftover, Leftover::Nothing) })
    }

    fn release(&self, is_unsettled: bool) {
        if let Err(error) = self.room.release(is_unsettled) {
            self.failed("change", &error);
        }
    }
}

fn session(record: SessionRecord) -> Session {
    Session { saved: Some(record.saved), ..record.session }
}
