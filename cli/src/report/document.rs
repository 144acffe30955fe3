//! The status of profiles, as data: what `--format json` and its siblings write.
//!
//! Scripts rely on it, so one type serves every command and every outcome, failures
//! too, and its shape changes only with [`VERSION`]. The comments on the fields are
//! the descriptions in `orchestration schema status`. No field can hold a secret;
//! [`masked`] holds masks, and only on request.
//!
//! [`masked`]: ProfileReport::masked

use schemars::JsonSchema;
use serde::Serialize;

use super::problem::Problem;
use super::profile::ProfileReport;
use super::summary::Summary;

/// Raised when a field is removed or changes meaning; adding one does not raise it.
pub(crate) const VERSION: u32 = 1;

/// The status of profiles.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// The version of this format.
    pub(crate) version: u32,
    /// One entry a profile, sorted by name.
    pub(crate) profiles: Vec<ProfileReport<'a>>,
    /// The number of profiles with each status.
    pub(crate) summary: Summary,
    /// Why the command failed before it asked any profile; null if it did not.
    pub(crate) error: Option<Problem<'a>>,
}

impl<'a> Report<'a> {
    /// Reports these profiles, which are sorted by name.
    pub(crate) fn of(profiles: Vec<ProfileReport<'a>>) -> Self {
        let summary = Summary::of(&profiles);
        Self { version: VERSION, profiles, summary, error: None }
    }

    /// Reports a command that failed.
    pub(crate) fn failed(problem: Problem<'a>) -> Self {
        Self { error: Some(problem), ..Self::of(Vec::new()) }
    }
}
