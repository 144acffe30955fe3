//! Exit statuses. Scripts build on them, so they are few and documented in
//! `--help` and the README.

use std::process::ExitCode;

use orchestration_runtime::Status;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All is well.
    Fine = 0,
    /// A credential is not valid.
    NotValid = 1,
    /// Wrong use or configuration. Clap uses the same.
    Usage = 2,
    /// A strategy failed.
    StrategyFailed = 3,
    /// A command is there and can't be run. Shells, `env` and `nohup` use the
    /// same two.
    CannotRun = 126,
    /// There is no such command.
    NoSuchCommand = 127,
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
        Self::from(exit as u8)
    }
}
