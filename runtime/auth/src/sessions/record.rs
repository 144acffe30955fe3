//! What the file of a session says.

use std::fmt;

use orchestration_sandbox::Session;

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
    /// What the strategy keeps.
    pub session: Session,
}

/// Prints no text of the session.
impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tie, since, saved, session } = self;
        f.debug_struct("SessionRecord")
            .field("tie", tie)
            .field("since", since)
            .field("saved", saved)
            .field("session", session)
            .finish()
    }
}
