//! What a strategy promises.

/// One promise of the contract that can be seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Promise {
    /// It can be used at all.
    Loads,
    /// It says what it is.
    Describes,
    /// It always says the same of itself.
    Stable,
    /// It asks for nothing else.
    Declares,
    /// With nothing set, nothing is there.
    Missing,
    /// With everything set, there is a credential.
    Finds,
    /// Switching a variable off works.
    Empty,
    /// A key that the caller gives counts.
    ByHand,
    /// Its two answers on the same question agree.
    Agrees,
    /// Renewing is no trouble.
    Refreshes,
    /// Nothing of one call is left for the next.
    Independent,
    /// Being denied is no trouble.
    Denied,
    /// Neither is a value that is no text.
    NotUnicode,
    /// It always comes to an answer.
    Answers,
    /// It needs no special treatment.
    Limits,
    /// It keeps secrets.
    Secrets,
    /// Its own cases.
    Cases,
}

impl Promise {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 17] = [
        Self::Loads,
        Self::Describes,
        Self::Stable,
        Self::Declares,
        Self::Missing,
        Self::Finds,
        Self::Empty,
        Self::ByHand,
        Self::Agrees,
        Self::Refreshes,
        Self::Independent,
        Self::Denied,
        Self::NotUnicode,
        Self::Answers,
        Self::Limits,
        Self::Secrets,
        Self::Cases,
    ];

    /// A short name that stays, e.g. `not-unicode`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Loads => "loads",
            Self::Describes => "describes",
            Self::Stable => "stable",
            Self::Declares => "declares",
            Self::Missing => "missing",
            Self::Finds => "finds",
            Self::Empty => "empty",
            Self::ByHand => "by-hand",
            Self::Agrees => "agrees",
            Self::Refreshes => "refreshes",
            Self::Independent => "independent",
            Self::Denied => "denied",
            Self::NotUnicode => "not-unicode",
            Self::Answers => "answers",
            Self::Limits => "limits",
            Self::Secrets => "secrets",
            Self::Cases => "cases",
        }
    }

    /// The promise, in words that follow "it".
    pub fn statement(self) -> &'static str {
        match self {
            Self::Loads => "is a component of this contract and imports what a strategy may have",
            Self::Describes => "describes itself in short lines, with an auth type and a version",
            Self::Stable => "describes itself the same way every time",
            Self::Declares => "asks for the profile's variable and those that it declares alone",
            Self::Missing => "answers `missing` and a hint where nothing is set",
            Self::Finds => "answers a credential and its source where everything is set",
            Self::Empty => "takes an empty variable for one that is not set",
            Self::ByHand => "takes a key that the caller gave before any other",
            Self::Agrees => "answers `is-valid` as it answers `get-credentials`",
            Self::Refreshes => "comes back from `refresh-if-needed`, with ok where all is well",
            Self::Independent => {
                "answers the same question the same way, whatever was asked between"
            }
            Self::Denied => "answers an error where it is denied a variable",
            Self::NotUnicode => "answers an error where a variable is not Unicode",
            Self::Answers => "comes to an answer that the contract allows in every call",
            Self::Limits => "stays within the default limits",
            Self::Secrets => "puts no secret into errors, sources or its output",
            Self::Cases => "does what its own cases expect",
        }
    }
}
