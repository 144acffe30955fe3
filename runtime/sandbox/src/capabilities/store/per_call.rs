//! The session that one call has loaded.

use orchestration_support::redact;

use super::Session;
use crate::capabilities::secrets::Broken;

/// The most bytes of an account that are shown.
const MAX_ACCOUNT: usize = 128;

/// What is known of the session that the call has loaded. Its secrets are in the table of
/// the call, under their names.
#[derive(Default)]
pub(crate) struct Loaded {
    session: Option<Session>,
    used: u32,
}

/// How often a call may use its session, as `wit/` states it. Each time takes the disk, and
/// most a thread, from other calls.
const MAX_USES: u32 = 16;

impl Loaded {
    pub(super) fn keep(&mut self, session: Session) {
        self.session = Some(session);
    }

    /// Counts a use of the session.
    ///
    /// # Errors
    ///
    /// Fails with [`Broken`] if it is one more than the contract allows.
    pub(super) fn count(&mut self) -> Result<(), Broken> {
        if self.used == MAX_USES {
            return Err(Broken("it used its session more than 16 times"));
        }
        self.used += 1;
        Ok(())
    }

    /// Returns when the session was saved.
    pub(crate) fn saved(&self) -> Option<u64> {
        self.session.as_ref()?.saved
    }

    /// Returns true if the session renews itself.
    pub(crate) fn renews(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.renews)
    }

    /// Returns true if a session was loaded.
    pub(crate) fn is_loaded(&self) -> bool {
        self.session.is_some()
    }

    /// Returns whose the session is, for people.
    pub(crate) fn account<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Option<String> {
        let account = self.session.as_ref()?.account.as_deref()?;
        let account = redact::sanitize(account, secrets);
        let account = redact::head(&account, MAX_ACCOUNT);
        Some(account.to_owned()).filter(|account| !account.is_empty())
    }
}
