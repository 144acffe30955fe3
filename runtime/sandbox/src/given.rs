//! What a strategy was given, by the name that the host knows.

use crate::source::{Source, StatedSource};

/// What the host has a text from that it gave to the strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given<'a> {
    /// The variable with this name.
    Variable(&'a str),
    /// The file with this path.
    File(&'a str),
    /// The session that was loaded.
    Session,
}

impl<'a> Given<'a> {
    /// Returns its name or path.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Variable(name) | Self::File(name) => name,
            Self::Session => "its session",
        }
    }

    /// Returns true if the strategy states that this is the source.
    pub(crate) fn is(self, stated: &StatedSource) -> bool {
        match (self, stated) {
            (Self::Variable(name), StatedSource::Environment(stated))
            | (Self::File(name), StatedSource::File(stated)) => name == stated,
            (Self::Session, StatedSource::Session) => true,
            _ => false,
        }
    }

    /// Returns it as the source of a credential; a session is that of `account`.
    pub(crate) fn source(self, account: impl FnOnce() -> Option<String>) -> Source {
        match self {
            Self::Variable(name) => Source::Environment(name.to_owned()),
            Self::File(path) => Source::File(path.to_owned()),
            Self::Session => Source::Session { account: account() },
        }
    }
}
