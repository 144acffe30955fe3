//! The sessions of the user, as commands show them: never a secret or the text of a note.

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;
use orchestration_runtime::{
    Kept, KeyringFault, Said, SessionRecord, SessionTie, Sessions, StoredSession, UnfitSession,
    quote, sanitize, sanitize_path,
};

use crate::error::CliError;
use crate::remedy;
use crate::report::Keeper;
use crate::ui::{stderr, text};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SessionFormat {
    Text,
    Json,
}

/// Why a command about sessions fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// There is no directory for them.
    #[error("no home directory to keep sessions in")]
    NoHome,
    /// The file system refuses.
    #[error("cannot use the sessions: {0}")]
    Unusable(#[from] io::Error),
    /// The keyring that has the session is of no use.
    #[error("the session of {} is still there: {fault}", quote(.profile))]
    Keyring {
        /// The profile.
        profile: String,
        /// Why the keyring is of no use.
        fault: KeyringFault,
    },
    /// There is no session of this profile.
    #[error("no session of profile {}", quote(.0))]
    None(String),
}

impl From<SessionError> for CliError {
    fn from(error: SessionError) -> Self {
        let hint = match &error {
            SessionError::NoHome => Some(remedy::SET_STATE_HOME.to_owned()),
            SessionError::None(_) => Some(remedy::LIST_SESSIONS.to_owned()),
            SessionError::Keyring { profile, .. } => Some(remedy::forget_item(profile)),
            SessionError::Unusable(_) => None,
        };
        Self::usage(error).with_hint(hint)
    }
}

/// The sessions of the current user.
pub(crate) fn sessions() -> Result<Sessions, SessionError> {
    Sessions::of_current_user().ok_or(SessionError::NoHome)
}

/// A session that can be used, and its file.
pub(super) struct Known {
    pub(super) path: PathBuf,
    pub(super) record: SessionRecord,
}

/// All sessions that can be used. The files that can't are named on stderr.
pub(super) fn known() -> Result<Vec<Known>, SessionError> {
    let (known, unfit) = split(sessions()?.list()?);
    for (path, reason) in unfit {
        stderr::warning(&format!("{} is not used: {reason}", sanitize_path(&path)), None);
    }
    Ok(known)
}

/// A line for each session that can be used: its profile, and where it is signed in. None
/// if there are no sessions, or they can't be read.
pub(crate) fn summaries() -> Vec<String> {
    let stored = Sessions::of_current_user().and_then(|sessions| sessions.list().ok());
    let (known, _) = split(stored.unwrap_or_default());
    let line = |known: &Known| match known.kept() {
        Kept::Key => format!("{}, a stored key for {}", known.profile(), known.place()),
        Kept::Session => format!("{}, signed in at {}", known.profile(), known.place()),
    };
    known.iter().map(line).collect()
}

/// The sessions of one profile.
pub(super) fn known_of(profile: &str) -> Result<Vec<Known>, SessionError> {
    let mut known = known()?;
    known.retain(|known| known.record.tie.profile == profile);
    match known.is_empty() {
        true => Err(SessionError::None(profile.to_owned())),
        false => Ok(known),
    }
}

fn split(stored: Vec<StoredSession>) -> (Vec<Known>, Vec<(PathBuf, UnfitSession)>) {
    let (mut known, mut unfit) = (Vec::new(), Vec::new());
    for StoredSession { path, record, .. } in stored {
        match record {
            Ok(record) => known.push(Known { path, record }),
            Err(reason) => unfit.push((path, reason)),
        }
    }
    (known, unfit)
}

impl Known {
    /// The profile, in a form that can be displayed.
    pub(super) fn profile(&self) -> String {
        sanitize(&self.record.tie.profile, [])
    }

    /// Where the user is signed in: at the issuer, or else at the profile's server.
    pub(super) fn place(&self) -> String {
        let SessionTie { server, issuer, .. } = &self.record.tie;
        sanitize(if issuer.is_empty() { server } else { issuer }, [])
    }

    /// What it is.
    pub(super) fn kept(&self) -> Kept {
        self.record.tie.kept()
    }

    /// What has its secrets.
    pub(super) fn keeper(&self) -> Keeper {
        if self.record.keyring.is_some() { Keeper::Keyring } else { Keeper::File }
    }

    /// Whose it is, as `worded` says it.
    pub(super) fn account(&self, worded: impl Fn(&Said) -> String) -> String {
        match (self.kept(), self.record.account()) {
            (Kept::Key, _) => "(stored key)".to_owned(),
            (Kept::Session, Some(account)) => worded(&account),
            (Kept::Session, None) => "-".to_owned(),
        }
    }

    /// Whether the next credential is got without the user.
    pub(super) fn renews(&self) -> &'static str {
        if self.record.session.renews { "yes" } else { "-" }
    }

    /// When the credential in it expires, if that is known.
    pub(super) fn expires(&self) -> Option<String> {
        self.record.session.expires_at.and_then(text::time)
    }
}
