//! The promises of a strategy.

/// One promise of the contract that a host can check.
///
/// A strategy that never needs a credential, such as the built-in `none`, has nothing to
/// report as missing, empty, denied or not Unicode, and keeps those promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Promise {
    /// It is a component of the contract and can be loaded.
    Loads,
    /// It describes itself.
    Describes,
    /// It describes itself the same way every time.
    Stable,
    /// It asks only for variables that it declares.
    Declares,
    /// It returns `missing` if nothing is set.
    Missing,
    /// It returns a credential if everything is set.
    Finds,
    /// It treats an empty variable as unset.
    Empty,
    /// It prefers the key that the caller passes explicitly.
    ExplicitKey,
    /// Its `is-valid` and `get-credentials` agree.
    Agrees,
    /// Its `refresh-if-needed` returns, and succeeds if there is a credential.
    Refreshes,
    /// No call affects a later one.
    Independent,
    /// It returns an error if it is denied a variable.
    Denied,
    /// It returns an error if a variable is not Unicode.
    NotUnicode,
    /// It returns a result that the contract allows in every call.
    Answers,
    /// It stays within the default limits.
    Limits,
    /// It puts no secret into its texts.
    Secrets,
    /// It returns a fitting error if a server does not answer as it should.
    Servers,
    /// It does what its own cases expect.
    Cases,
}

impl Promise {
    /// All promises, in the order of a report.
    pub const ALL: [Self; 18] = [
        Self::Loads,
        Self::Describes,
        Self::Stable,
        Self::Declares,
        Self::Missing,
        Self::Finds,
        Self::Empty,
        Self::ExplicitKey,
        Self::Agrees,
        Self::Refreshes,
        Self::Independent,
        Self::Denied,
        Self::NotUnicode,
        Self::Answers,
        Self::Limits,
        Self::Secrets,
        Self::Servers,
        Self::Cases,
    ];

    /// Returns a short, stable name, e.g. `not-unicode`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Loads => "loads",
            Self::Describes => "describes",
            Self::Stable => "stable",
            Self::Declares => "declares",
            Self::Missing => "missing",
            Self::Finds => "finds",
            Self::Empty => "empty",
            Self::ExplicitKey => "explicit-key",
            Self::Agrees => "agrees",
            Self::Refreshes => "refreshes",
            Self::Independent => "independent",
            Self::Denied => "denied",
            Self::NotUnicode => "not-unicode",
            Self::Answers => "answers",
            Self::Limits => "limits",
            Self::Secrets => "secrets",
            Self::Servers => "servers",
            Self::Cases => "cases",
        }
    }

    /// Returns the promise in words that follow "it".
    pub fn statement(self) -> &'static str {
        match self {
            Self::Loads => "is a component of this contract and imports only what a strategy may",
            Self::Describes => "describes itself in short lines, with an auth type and a version",
            Self::Stable => "describes itself the same way every time",
            Self::Declares => "asks only for the profile's variable and those that it declares",
            Self::Missing => "returns `missing` and a hint if nothing is set",
            Self::Finds => "returns a credential and its source if everything is set",
            Self::Empty => "treats an empty variable as unset",
            Self::ExplicitKey => "prefers the key that the caller passes explicitly",
            Self::Agrees => "returns the same from `is-valid` as from `get-credentials`",
            Self::Refreshes => "returns from `refresh-if-needed`, with ok if there is a credential",
            Self::Independent => {
                "returns the same for the same question, whatever was asked in between"
            }
            Self::Denied => "returns an error if it is denied a variable",
            Self::NotUnicode => "returns an error if a variable is not Unicode",
            Self::Answers => "returns a result that the contract allows in every call",
            Self::Limits => "stays within the default limits",
            Self::Secrets => "puts no secret into errors, sources or its output",
            Self::Servers => "returns a fitting error if a server does not answer as it should",
            Self::Cases => "does what its own cases expect",
        }
    }

    /// Returns the call that tries it, and what it is given.
    pub fn call(self) -> &'static str {
        match self {
            Self::Loads => "loading the component",
            Self::Describes | Self::Stable => "`describe`, twice, with nothing granted",
            Self::Declares => {
                "every function, with the variables of `describe` granted and no options"
            }
            Self::Missing => "`get-credentials`, with every variable unset",
            Self::Finds => "`get-credentials`, with every variable set, or as in the first case",
            Self::Empty => "`get-credentials`, with every variable empty",
            Self::ExplicitKey => {
                "`get-credentials`, with `explicit-key` true and the secret `explicit`"
            }
            Self::Agrees => "`is-valid` after `get-credentials`, with the same request",
            Self::Refreshes => "`refresh-if-needed`, with every variable set, then unset",
            Self::Independent => "`get-credentials`, twice, with another request in between",
            Self::Denied => "`get-credentials`, with every variable denied",
            Self::NotUnicode => "`get-credentials`, with values that are not UTF-8",
            Self::Answers => "every function, with good, empty, short and long values",
            Self::Limits | Self::Secrets => "every function, with every request of this suite",
            Self::Servers => "every request of the cases, with a fault in place of its answer",
            Self::Cases => {
                "the case's sign-in, if it has one, `refresh-if-needed`, then `get-credentials`"
            }
        }
    }

    /// Returns the item of the contract that says what is right: a file in `wit/`, and a name
    /// in it.
    pub fn item(self) -> (&'static str, &'static str) {
        match self {
            Self::Loads => ("strategy.wit", "world auth-strategy"),
            Self::Describes | Self::Stable => ("strategy.wit", "describe"),
            Self::Declares => ("types.wit", "description"),
            Self::Missing => ("types.wit", "error-kind"),
            Self::Finds | Self::Independent | Self::Cases => ("strategy.wit", "get-credentials"),
            Self::Empty => ("environment.wit", "presence"),
            Self::ExplicitKey => ("types.wit", "request"),
            Self::Agrees => ("strategy.wit", "is-valid"),
            Self::Refreshes => ("strategy.wit", "refresh-if-needed"),
            Self::Denied | Self::NotUnicode => ("environment.wit", "environment-error"),
            Self::Answers => ("types.wit", "auth-error"),
            Self::Limits => ("types.wit", "interface types"),
            Self::Secrets => ("strategy.wit", "package"),
            Self::Servers => ("http.wit", "http-error"),
        }
    }
}
