//! The session that one call has loaded.

use orchestration_support::redact;

use super::Session;

/// The most bytes of an account that are shown.
const MAX_ACCOUNT: usize = 128;

/// What is known of the session that the call has loaded. Its secrets are in the table of
/// the call, under their names.
#[derive(Default)]
pub(crate) struct Loaded(Option<Session>);

impl Loaded {
    pub(super) fn keep(&mut self, session: Session) {
        self.0 = Some(session);
    }

    /// Returns whose the session is, for people.
    pub(crate) fn account<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Option<String> {
        let account = self.0.as_ref()?.account.as_deref()?;
        let account = redact::sanitize(account, secrets);
        let account = redact::head(&account, MAX_ACCOUNT);
        Some(account.to_owned()).filter(|account| !account.is_empty())
    }
}
