//! A report as JSON.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Problem, ProfileReport, Report};

/// One line of `--format jsonl`. Each can be read by itself, so each says what
/// version it is of.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Line<'a> {
    /// The version of this format.
    version: u32,
    /// How one profile stands, or why no profile could be asked.
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Content<'a> {
    Profile(&'a ProfileReport<'a>),
    Failed {
        /// Why no profile could be asked.
        error: &'a Problem<'a>,
    },
}

impl Report<'_> {
    /// One object, on lines that people can read.
    pub(crate) fn json(&self) -> io::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// One object a profile, each on a line of its own.
    pub(crate) fn json_lines(&self) -> io::Result<String> {
        let profiles = self.profiles.iter().map(Content::Profile);
        let failed = self.error.iter().map(|error| Content::Failed { error });
        let line = |content| {
            let line = Line { version: self.version, content };
            Ok(serde_json::to_string(&line)? + "\n")
        };
        profiles.chain(failed).map(line).collect()
    }
}
