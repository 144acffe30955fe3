//! `orchestration schema`: the JSON of other commands as JSON Schema, derived from
//! the types that they write.

use clap::{Args, ValueEnum};

use super::session::SessionList;
use super::strategy::StrategyList;
use crate::error::CliError;
use crate::exit::Exit;
use crate::report::{Line, Report, ReportError};
use crate::ui::stdout;

const HELP: &str = "\
Every document carries the version of its format. The version is raised when a
field is removed or changes meaning; new fields may be added at any time.

Exit status: 0

Examples:
  orchestration schema status
  orchestration schema status-line
  orchestration schema session-list";

/// Print the JSON Schema of a report
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct SchemaArgs {
    /// The report
    #[arg(value_enum)]
    schema: Schema,
}

/// A document that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Schema {
    /// `--format json` of `auth status` and `auth check`
    Status,
    /// One line of their `--format jsonl`
    StatusLine,
    /// `--format json` of `session list` and `session show`
    SessionList,
    /// `--format json` of `strategy list`
    StrategyList,
}

impl SchemaArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let schema = match self.schema {
            Schema::Status => schemars::schema_for!(Report<'_>),
            Schema::StatusLine => schemars::schema_for!(Line<'_>),
            Schema::SessionList => schemars::schema_for!(SessionList),
            Schema::StrategyList => schemars::schema_for!(StrategyList<'_>),
        };
        let text = serde_json::to_string_pretty(&schema).map_err(ReportError::from)?;
        stdout::print(&(text + "\n"))?;
        Ok(Exit::Fine)
    }
}
