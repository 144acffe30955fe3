//! A report as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::document::Report;
use super::error::ReportError;
use super::problem::Problem;
use super::profile::ProfileReport;

/// One line of `--format jsonl`. Each line can be read by itself, so each carries the
/// version.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Line<'a> {
    /// The version of this format.
    version: u32,
    /// The status of one profile, or why the command failed before it asked any.
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Content<'a> {
    Profile(&'a ProfileReport<'a>),
    Failed {
        /// Why the command failed before it asked any profile.
        error: &'a Problem<'a>,
    },
}

impl Report<'_> {
    /// One indented object.
    pub(crate) fn json(&self) -> Result<String, ReportError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// One object per profile, each on its own line.
    pub(crate) fn json_lines(&self) -> Result<String, ReportError> {
        let profiles = self.profiles.iter().map(Content::Profile);
        let failed = self.error.iter().map(|error| Content::Failed { error });
        let line = |content| {
            let line = Line { version: self.version, content };
            Ok(serde_json::to_string(&line)? + "\n")
        };
        profiles.chain(failed).map(line).collect()
    }
}
