//! Why a command failed: one error type for all commands.
//!
//! Its [`Kind`] decides the exit status, in `exit.rs`. An error that only one
//! command has is defined beside that command, which also turns it into this type.

use std::error::Error;
use std::path::Path;

use orchestration_runtime::{
    AgentError, CasesError, CheckError, ConfigError, ErrorKind, Failure, LoadError, ProviderError,
};

use crate::remedy;
use crate::report::ReportError;
use crate::ui::stdout::OutputError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub(crate) struct CliError {
    kind: Kind,
    cause: Box<dyn Error>,
    hint: Option<String>,
}

/// What kind of failure it is. Decides the exit status, and what reports call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The arguments, or a file that they name, can't be used.
    Usage,
    /// providers.toml can't be read, or has a mistake in it.
    Configuration,
    /// No profile has this name.
    UnknownProfile,
    /// The arguments ask for something that their policy forbids.
    Policy,
    /// A strategy or a provider answered with an error.
    Answer(ErrorKind),
    /// A strategy can't be used for any profile.
    UnusableStrategy,
    /// The sandbox could not be set up on this machine.
    Sandbox,
    /// A command exists and can't be executed.
    CannotRun,
    /// A command does not exist.
    NoSuchCommand,
    /// stdout can't be written.
    Output,
    /// The reader of stdout has closed it, as `head` does.
    ClosedPipe,
}

impl CliError {
    /// An error of this kind, without a hint.
    pub(crate) fn new(kind: Kind, cause: impl Into<Box<dyn Error>>) -> Self {
        Self { kind, cause: cause.into(), hint: None }
    }

    /// An error in the arguments, or in a file that they name.
    pub(crate) fn usage(cause: impl Into<Box<dyn Error>>) -> Self {
        Self::new(Kind::Usage, cause)
    }

    /// The same error with a hint on what to do.
    pub(crate) fn with_hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The kind of failure.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// What to do about it, if anything is known to help.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether stdout is the reason, so that no report can be written either.
    pub(crate) fn is_about_output(&self) -> bool {
        matches!(self.kind, Kind::Output | Kind::ClosedPipe)
    }

    /// The error of providers.toml, if it is the reason.
    pub(crate) fn configuration(&self) -> Option<&ConfigError> {
        self.cause.downcast_ref()
    }

    /// The file that is at fault, and the line in it.
    pub(crate) fn location(&self) -> Option<(&Path, Option<usize>)> {
        match self.configuration()? {
            ConfigError::Read { path, .. } => Some((path, None)),
            ConfigError::Mistake { path, excerpt, .. } => Some((path, Some(excerpt.line))),
            ConfigError::NotAbsolute { .. } | ConfigError::Tilde { .. } => None,
        }
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        let hint = remedy::for_configuration(&error);
        Self::new(Kind::Configuration, error).with_hint(hint)
    }
}

impl From<ProviderError> for CliError {
    fn from(error: ProviderError) -> Self {
        let kind = match &error {
            ProviderError::UnknownProfile { .. } => Kind::UnknownProfile,
            ProviderError::Sandbox(_) => Kind::Sandbox,
            ProviderError::Unusable { failure, .. } => match **failure {
                // The file was named on the command line.
                Failure::Load(LoadError::Read { .. }) => Kind::Usage,
                _ => Kind::UnusableStrategy,
            },
            ProviderError::Strategy { .. }
            | ProviderError::UnknownAuthType { .. }
            | ProviderError::BadKey { .. }
            | ProviderError::EndsTooSoon { .. }
            | ProviderError::SignInNotFinished { .. }
            | ProviderError::SignInRefused { .. }
            | ProviderError::CannotListen { .. }
            | ProviderError::Keyring { .. }
            | ProviderError::Placeholder { .. } => Kind::Answer(error.kind()),
        };
        let hint = remedy::for_provider(&error);
        Self::new(kind, error).with_hint(hint)
    }
}

impl From<AgentError> for CliError {
    fn from(error: AgentError) -> Self {
        let error = match error {
            AgentError::Credential(error) => return error.into(),
            error => error,
        };
        let kind = match &error {
            AgentError::UnknownProvider { .. } | AgentError::NoModel { .. } => Kind::Usage,
            AgentError::Call { error, .. } if error.kind() == ErrorKind::Unsupported => Kind::Usage,
            AgentError::Credential(_) | AgentError::Call { .. } | AgentError::NotIdle { .. } => {
                Kind::Answer(error.kind())
            }
        };
        let hint = remedy::for_agent(&error);
        Self::new(kind, error).with_hint(hint)
    }
}

impl From<CasesError> for CliError {
    fn from(error: CasesError) -> Self {
        Self::usage(error)
    }
}

impl From<CheckError> for CliError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Component(error) => error.into(),
            CheckError::Cases(error) => error.into(),
        }
    }
}

// There is no conversion from `io::Error`: only where it happened is known what it
// means.
impl From<OutputError> for CliError {
    fn from(error: OutputError) -> Self {
        let kind = match error {
            OutputError::Closed => Kind::ClosedPipe,
            OutputError::Write(_) => Kind::Output,
        };
        Self::new(kind, error)
    }
}

impl From<ReportError> for CliError {
    fn from(error: ReportError) -> Self {
        Self::new(Kind::Output, error)
    }
}
