//! Exit statuses. Scripts build on them, so they are few and documented in
//! `--help` and the README.

use std::process::ExitCode;

use orchestration_runtime::Status;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: all is well.
    Fine,
    /// 1: a credential is not valid.
    NotValid,
    /// 2: wrong use or configuration. Clap uses the same.
    Usage,
    /// 3: a strategy failed.
    StrategyFailed,
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
