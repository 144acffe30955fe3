//! `orchestration auth status`: one row per profile.

use std::path::Path;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;

use super::answer::Answer;
use super::ask_all::ask_all;
use super::select::select;
use super::verify::Verifier;
use super::{reporting, table};
use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::gateway::{self, Notice};
use crate::host::Host;
use crate::report::{Report, ReportError};
use crate::ui::stdout;

const HELP: &str = "\
Status is one of
  valid     a credential was found, or none is needed
  ready     the next use gets one, without you
  missing   no credential was found
  invalid   the credential was rejected or has expired
  error     the strategy failed; stderr says why

With --verify, each credential's provider is asked whether it accepts it: all of
them at once, for at most ten seconds. Status can then also be
  not required  no key is needed
  unreachable   the provider did not answer; stderr says why
  unknown       it was not asked, or its answer is inconclusive

Each row is about the profile's own credential: OPENAI_API_KEY does not make
other profiles valid. A table of more than ten rows starts with the problems and
ends with a summary.

Exit status: 0 no credential is invalid (a missing one is not a failure), 1 a
credential is invalid, 2 usage or configuration error, 3 a strategy failed; with
--verify, 4 if nothing is known to be invalid, but at least one credential could
not be verified; the same in every format

Examples:
  orchestration auth status
  orchestration auth status --verify
  orchestration auth status openai corp
  orchestration auth status --watch
  orchestration auth status --config ./providers.toml
  orchestration auth status --format jsonl | jq 'select(.status != \"valid\")'";

/// Show the status of every profile
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct StatusArgs {
    /// Show only these profiles
    #[arg(value_name = "PROFILE", add = ArgValueCandidates::new(profiles))]
    profiles: Vec<String>,

    /// Ask the providers whether they accept the credentials
    #[arg(long)]
    verify: bool,

    /// Output format; jsonl is one object per line, and `orchestration schema
    /// status` describes the JSON
    #[arg(long, value_enum, default_value_t)]
    format: StatusFormat,

    /// Keep running and redraw when something changes
    #[arg(long, conflicts_with_all = ["format", "show_masked", "verify"])]
    pub(super) watch: bool,

    /// Add the first and last characters of each secret to the JSON
    #[arg(long)]
    show_masked: bool,
}

/// An output format. The values have no help of their own, so that clap writes each
/// option on one line and the page fits a screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum StatusFormat {
    #[default]
    Table,
    Json,
    Jsonl,
}

impl StatusArgs {
    /// Runs the command once. If it fails, the error is reported in the format that
    /// the result would have had.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let ended = self.run_once(config);
        match &ended {
            Err(error) if !error.is_about_output() && self.format != StatusFormat::Table => {
                stdout::print(&self.shown(&Report::failed(error.into()))?)?;
            }
            _ => {}
        }
        ended
    }

    fn run_once(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let verifier = self.verify.then(Verifier::new);
        let host = Host::until_exit(config, self.verify)?;
        gateway::warn(&self.notices(&host)?);
        let (answers, text) = host.run(self.look(&host, verifier))?;
        stdout::print(&text)?;
        if self.format == StatusFormat::Table {
            table::explain(&answers);
        }
        let exit = |answer: &Answer| Exit::of_row(answer.status, answer.verdict.as_ref());
        Ok(answers.iter().map(exit).max().unwrap_or(Exit::Fine))
    }

    /// Returns the gateways that the profiles ignore.
    pub(super) fn notices(&self, host: &Host) -> Result<Vec<Notice>, CliError> {
        Ok(gateway::notices(&host.providers, &select(&host.providers, &self.profiles)?))
    }

    /// Asks the profiles, and their providers if there is a `verifier`. Returns the
    /// answers, and the text that shows them.
    pub(super) async fn look(
        &self,
        host: &Host,
        verifier: Option<Verifier>,
    ) -> Result<(Vec<Answer>, String), CliError> {
        let profiles = select(&host.providers, &self.profiles)?;
        let answers = ask_all(profiles, &host.registry, verifier).await;
        let report = reporting::report(&answers, host, self.show_masked);
        let text = self.shown(&report)?;
        Ok((answers, text))
    }

    fn shown(&self, report: &Report<'_>) -> Result<String, ReportError> {
        match self.format {
            StatusFormat::Table => Ok(table::of(report)),
            StatusFormat::Json => report.json(),
            StatusFormat::Jsonl => report.json_lines(),
        }
    }
}
