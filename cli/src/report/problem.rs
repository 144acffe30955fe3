//! Why a command failed before it asked any profile.

use schemars::JsonSchema;
use serde::Serialize;

use super::lines::lines;
use super::location::Location;
use crate::error::{CliError, Kind};

/// Why a command failed before it asked any profile.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem<'a> {
    /// What kind of failure it is.
    pub(crate) kind: ProblemKind,
    /// What happened, in one sentence.
    pub(crate) message: String,
    /// What to do about it; null if nothing is known to help.
    pub(crate) hint: Option<String>,
    /// The file and line at fault, if any.
    pub(crate) location: Option<Location<'a>>,
}

/// The kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProblemKind {
    /// providers.toml can't be read, or has a mistake in it.
    Configuration,
    /// No profile has the requested name.
    UnknownProfile,
    /// A policy forbids it: --locked or --no-builtin-profiles.
    Policy,
    /// This machine can't run strategies.
    Sandbox,
    /// Something else.
    Other,
}

impl Problem<'_> {
    /// The message, and the hint on the next line.
    pub(super) fn text(&self) -> String {
        lines(Some(&self.message), self.hint.as_deref())
    }
}

impl<'a> From<&'a CliError> for Problem<'a> {
    fn from(error: &'a CliError) -> Self {
        let kind = match error.kind() {
            Kind::Configuration => ProblemKind::Configuration,
            Kind::UnknownProfile => ProblemKind::UnknownProfile,
            Kind::Policy => ProblemKind::Policy,
            Kind::Sandbox => ProblemKind::Sandbox,
            _ => ProblemKind::Other,
        };
        let location = error.location().map(|(path, line)| Location::new(path, line));
        Self { kind, message: error.to_string(), hint: error.hint().map(str::to_owned), location }
    }
}
