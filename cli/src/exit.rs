//! Exit statuses: the only place that decides them. Scripts rely on them, so they
//! are few, and documented in `--help` and the book.

use std::process::ExitCode;

use orchestration_runtime::{ErrorKind, Status, Verdict};

use crate::error::Kind;
use crate::report::{Outcome, ProfileReport};

/// How a command ended, from least to most severe: the most severe row of a table
/// decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Success.
    Fine,
    /// A credential could not be verified.
    NotVerified,
    /// A credential is not valid.
    NotValid,
    /// Usage or configuration error. Clap uses the same status.
    Usage,
    /// A strategy failed.
    StrategyFailed,
    /// A command exists and can't be executed. Shells, `env` and `nohup` use this
    /// status and the next.
    CannotRun,
    /// A command does not exist.
    NoSuchCommand,
    /// The status of a command that was run.
    OfCommand(u8),
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
            Exit::OfCommand(status) => status,
        })
    }
}

/// A command that failed.
impl From<Kind> for Exit {
    fn from(kind: Kind) -> Self {
        match kind {
            // The reader of the output has read enough.
            Kind::ClosedPipe => Self::Fine,
            Kind::Usage
            | Kind::Configuration
            | Kind::UnknownProfile
            | Kind::Policy
            | Kind::Output => Self::Usage,
            // It was to be renewed, and was not.
            Kind::Answer(ErrorKind::Renewable) => Status::Invalid.into(),
            Kind::Answer(kind) => Status::from(kind).into(),
            Kind::UnusableStrategy | Kind::Sandbox => Self::StrategyFailed,
            Kind::CannotRun => Self::CannotRun,
            Kind::NoSuchCommand => Self::NoSuchCommand,
        }
    }
}

/// A command about one credential.
impl From<Status> for Exit {
    fn from(status: Status) -> Self {
        match status {
            Status::Valid | Status::Ready => Self::Fine,
            Status::Missing | Status::Invalid => Self::NotValid,
            Status::Error => Self::StrategyFailed,
        }
    }
}

/// A command that asked the provider.
impl From<&Verdict> for Exit {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted { .. } | Verdict::NotRequired => Self::Fine,
            Verdict::Rejected(_) => Self::NotValid,
            Verdict::Unreachable(_) | Verdict::Inconclusive(_) => Self::NotVerified,
        }
    }
}

impl Exit {
    /// The status for a row of `auth status`. The table is there to show what is
    /// missing, so a missing credential is not a failure.
    pub(crate) fn of_row(status: Status, verdict: Option<&Verdict>) -> Self {
        match (verdict, status) {
            (Some(verdict), _) => verdict.into(),
            (None, Status::Missing) => Self::Fine,
            (None, status) => status.into(),
        }
    }

    /// The status for a profile of `auth check`.
    pub(crate) fn of_check(profile: &ProfileReport<'_>) -> Self {
        match profile.outcome {
            Some(Outcome::Passed | Outcome::AllowedMissing) | None => Self::Fine,
            Some(Outcome::EndsTooSoon) => Self::NotValid,
            Some(Outcome::NotVerified) => Self::NotVerified,
            Some(Outcome::NotValid) => Status::from(profile.status).into(),
        }
    }
}
