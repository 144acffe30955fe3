//! Exit statuses. Scripts build on them, so they are few and documented in
//! `--help` and the README.

use std::process::ExitCode;

use orchestration_runtime::Status;

/// How a command ended, what matters least first: of a table, the row that
/// matters most decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All is well.
    Fine,
    /// A provider did not say whether a credential is valid.
    NotVerified,
    /// A credential is not valid.
    NotValid,
    /// Wrong use or configuration. Clap uses the same.
    Usage,
    /// A strategy failed.
    StrategyFailed,
    /// A command is there and can't be run. Shells, `env` and `nohup` use the
    /// same two.
    CannotRun,
    /// There is no such command.
    NoSuchCommand,
}

impl Exit {
    /// How a command about one credential of this status ends.
    pub(crate) fn of(status: Status) -> Self {
        match status {
            Status::Valid => Self::Fine,
            Status::Missing | Status::Invalid => Self::NotValid,
            Status::Error => Self::StrategyFailed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::NotValid => 1,
            Exit::Usage => 2,
            Exit::StrategyFailed => 3,
            Exit::NotVerified => 4,
            Exit::CannotRun => 126,
            Exit::NoSuchCommand => 127,
        })
    }
}
