//! What secrets are made of, by the names that the host knows.

use std::sync::Arc;

use crate::source::{Source, StatedSource};

/// What the host gave to a strategy, or the strategy added itself, as a part of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A text of the strategy.
    Own,
    /// Random bytes, which the host made.
    Random,
    /// The key that the caller passed explicitly.
    Explicit,
    /// The session that was loaded.
    Session,
    /// The key that the user stored.
    StoredKey,
    /// The variable with this name.
    Variable(Arc<str>),
    /// The file with this path.
    File(Arc<str>),
    /// An answer of the server at this origin.
    Answer(Arc<str>),
}

impl Given {
    /// Returns what it is called where a strategy is said to have used it.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Own | Self::Random | Self::Explicit => None,
            Self::Session => Some("its session"),
            Self::StoredKey => Some("the stored key"),
            Self::Variable(name) | Self::File(name) | Self::Answer(name) => Some(name),
        }
    }

    /// Returns true if the strategy states that this is the source.
    pub(crate) fn is(&self, stated: &StatedSource) -> bool {
        match (self, stated) {
            (Self::Variable(name), StatedSource::Environment(stated))
            | (Self::File(name), StatedSource::File(stated)) => **name == **stated,
            (Self::Session | Self::StoredKey, StatedSource::Session) => true,
            (Self::Explicit, StatedSource::Explicit) => true,
            _ => false,
        }
    }

    /// Returns it as the source of a credential; that of a session is `session`. `None` if it
    /// does not say enough.
    pub(crate) fn source(&self, session: impl FnOnce() -> Source) -> Option<Source> {
        match self {
            Self::Own | Self::Random | Self::Answer(_) => None,
            Self::Explicit => Some(Source::Explicit),
            Self::Session => Some(session()),
            Self::StoredKey => Some(Source::StoredKey),
            Self::Variable(name) => Some(Source::Environment(name.to_string())),
            Self::File(path) => Some(Source::File(path.to_string())),
        }
    }

    /// Returns it as one line, for a field of an event.
    pub(crate) fn to_line(&self) -> String {
        match self {
            Self::Own => "own".to_owned(),
            Self::Random => "random".to_owned(),
            Self::Explicit => "explicit".to_owned(),
            Self::Session => "session".to_owned(),
            Self::StoredKey => "stored-key".to_owned(),
            Self::Variable(name) => format!("variable {name}"),
            Self::File(path) => format!("file {path}"),
            Self::Answer(origin) => format!("answer {origin}"),
        }
    }

    /// Returns what [`to_line`](Self::to_line) wrote.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        Some(match line.split_once(' ') {
            None => match line {
                "own" => Self::Own,
                "random" => Self::Random,
                "explicit" => Self::Explicit,
                "session" => Self::Session,
                "stored-key" => Self::StoredKey,
                _ => return None,
            },
            Some(("variable", name)) => Self::Variable(name.into()),
            Some(("file", path)) => Self::File(path.into()),
            Some(("answer", origin)) => Self::Answer(origin.into()),
            Some(_) => return None,
        })
    }
}
