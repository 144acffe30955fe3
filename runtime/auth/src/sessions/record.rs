//! What the file of a session says.

use std::fmt;

use orchestration_sandbox::{Said, Session};
use orchestration_support::redact;

use super::tie::SessionTie;

/// A session, with whom it is for and since when.
#[derive(Clone)]
pub struct SessionRecord {
    /// Whom it is for.
    pub tie: SessionTie,
    /// When the user signed in, in seconds since the Unix epoch.
    pub since: u64,
    /// When it was last saved, in seconds since the Unix epoch.
    pub saved: u64,
    /// The name of the item of the keyring that has all of it, if one has. Then there are no
    /// secrets and no notes here.
    pub keyring: Option<String>,
    /// What the strategy keeps.
    pub session: Session,
}

/// The most bytes of an account or a name that are displayed.
const MAX_DISPLAYED: usize = 128;

impl SessionRecord {
    /// Returns whose session it is in the words of the strategy.
    pub fn account(&self) -> Option<Said> {
        let account = self.displayed(self.session.account.as_deref()?);
        let stranger =
            (!self.tie.component.is_empty()).then(|| self.displayed(&self.tie.auth_type));
        (!account.is_empty()).then(|| Said::new(stranger.map(Into::into), account))
    }

    /// Returns the same without secrets and notes, which are in the item `name` of the keyring.
    pub(super) fn in_keyring(&self, name: String) -> Self {
        let Session { account, expires_at, renews, .. } = self.session.clone();
        let session = Session { account, expires_at, renews, ..Session::default() };
        Self { tie: self.tie.clone(), keyring: Some(name), session, ..*self }
    }

    /// Returns the names of its secrets, sanitized.
    pub fn secret_names(&self) -> Vec<String> {
        self.session.secrets.iter().map(|secret| self.displayed(&secret.name)).collect()
    }

    /// Returns the names of its notes, sanitized.
    pub fn note_names(&self) -> Vec<String> {
        self.session.notes.iter().map(|(name, _)| self.displayed(name)).collect()
    }

    fn displayed(&self, text: &str) -> String {
        let secrets = self.session.secrets.iter().map(|secret| secret.text.expose());
        redact::head(&redact::sanitize(text, secrets), MAX_DISPLAYED).to_owned()
    }
}

/// Prints no text of the session.
impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tie, since, saved, keyring, session } = self;
        f.debug_struct("SessionRecord")
            .field("tie", tie)
            .field("since", since)
            .field("saved", saved)
            .field("keyring", keyring)
            .field("session", session)
            .finish()
    }
}
