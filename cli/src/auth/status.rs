//! `auth status`: one row a profile.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io;
use std::sync::Arc;

use orchestration_runtime::{ProviderProfile, ProvidersToml};

use super::verify::{self, Verifier};
use super::{Answer, ask_all, report};
use crate::args::{StatusArguments, StatusFormat};
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::host::Host;
use crate::output;
use crate::report::{ProfileReport, Report, Source, Status};
use crate::table::{Cell, Layout};

/// The status is never cut: it is what the table is looked at for.
const LAYOUT: Layout<4> = Layout {
    header: ["Profile", "Auth Type", "Status", "Source"],
    widths: [12, 10, 11, 15],
    shortened: &[(3, 8), (0, 8), (1, 8)],
};

/// A table of so many rows is taken in at a glance, and is best sorted by name.
/// In a longer one the problems come first, and a summary says how many.
const GLANCE: usize = 10;

/// Asks the profiles, and the providers themselves where there is a `verifier`,
/// and shows them; then, on stderr, why rows are bad.
pub(super) async fn run(
    arguments: &StatusArguments,
    host: &Host,
    verifier: Option<Verifier>,
) -> Result<Exit, CliError> {
    let (answers, text) = look(arguments, host, verifier).await?;
    output::print(&text)?;
    if arguments.format == StatusFormat::Table {
        explain(&answers);
    }
    Ok(answers.iter().map(exit).max().unwrap_or(Exit::Fine))
}

/// The answers, and what is shown of them.
pub(super) async fn look(
    arguments: &StatusArguments,
    host: &Host,
    verifier: Option<Verifier>,
) -> Result<(Vec<Answer>, String), CliError> {
    let profiles = chosen(&host.providers, &arguments.profiles)?;
    let answers = ask_all(profiles, &host.registry, verifier).await;
    let report = report::of(&answers, host, arguments.show_masked);
    let text = shown(&report, arguments.format)?;
    Ok((answers, text))
}

/// The profiles of these names, each once; all where none is named.
pub(super) fn chosen(
    providers: &ProvidersToml,
    names: &[String],
) -> Result<Vec<Arc<ProviderProfile>>, CliError> {
    if names.is_empty() {
        return Ok(providers.profiles().cloned().collect());
    }
    let names: BTreeSet<&String> = names.iter().collect();
    names.into_iter().map(|name| Ok(providers.profile(name)?.clone())).collect()
}

/// The report in the words of `format`.
pub(super) fn shown(report: &Report<'_>, format: StatusFormat) -> io::Result<String> {
    match format {
        StatusFormat::Table if report.profiles.len() > GLANCE => Ok(grouped(report)),
        StatusFormat::Table => Ok(LAYOUT.table(report.profiles.iter().map(row))),
        StatusFormat::Json => report.json(),
        StatusFormat::Jsonl => report.json_lines(),
    }
}

/// The table with the problems first, and a line that counts them.
pub(super) fn grouped(report: &Report<'_>) -> String {
    let mut profiles: Vec<&ProfileReport<'_>> = report.profiles.iter().collect();
    // Stable: within a group they stay sorted by name.
    profiles.sort_by_key(|profile| match profile.status {
        Status::Error => 0,
        Status::Invalid => 1,
        Status::Missing => 2,
        Status::Valid if profile.in_doubt() => 3,
        Status::Valid => 4,
    });
    let mut text = LAYOUT.table(profiles.into_iter().map(row));
    let _ = write!(text, "\n{}\n", report.summary);
    text
}

/// A missing credential is what this command is there to show, so it is no
/// failure of the command.
fn exit(answer: &Answer) -> Exit {
    use orchestration_runtime::Status;
    match (&answer.verdict, answer.status) {
        (Some(verdict), _) => verify::exit(verdict),
        (None, Status::Missing) => Exit::Fine,
        (None, status) => Exit::of(status),
    }
}

fn row<'a>(profile: &ProfileReport<'a>) -> [Cell<'a>; 4] {
    let status =
        profile.verified.map_or_else(|| output::label(profile.status.into()), verify::label);
    [profile.profile.into(), profile.auth_type.into(), status, source(profile).into()]
}

fn source<'a>(profile: &ProfileReport<'a>) -> &'a str {
    match profile.source {
        Some(Source::Explicit) => "(explicit)",
        Some(Source::Environment { name }) => name,
        Some(Source::NotNeeded) => "(no auth needed)",
        Some(Source::Other { description }) => description,
        None => profile.variable.unwrap_or("-"),
    }
}

/// Says on stderr why rows are invalid or an error. What is missing needs no
/// explanation: the row names the variable, and `auth login` says how to set it.
pub(super) fn explain(answers: &[Answer]) {
    let unexplained =
        [orchestration_runtime::Status::Valid, orchestration_runtime::Status::Missing];
    let bad = answers.iter().filter(|answer| !unexplained.contains(&answer.status));
    failure::explain_all(bad.filter_map(|answer| answer.credentials.as_ref().err()));
    explain_verdicts(answers.iter());
}

/// The same of what providers say.
pub(super) fn explain_verdicts<'a>(answers: impl Iterator<Item = &'a Answer>) {
    for answer in answers {
        if let Some(verdict) = &answer.verdict {
            failure::explain_verdict(&answer.profile.name, verdict);
        }
    }
}
