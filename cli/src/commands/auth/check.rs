//! `orchestration auth check`: whether every profile is as a pipeline needs it.

use std::path::Path;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;
use orchestration_runtime::ErrorKind;

use super::answer::Answer;
use super::ask_all::ask_all;
use super::policy::Policy;
use super::verify::Verifier;
use super::{reporting, table};
use crate::complete::profiles;
use crate::diagnostics;
use crate::error::CliError;
use crate::exit::Exit;
use crate::gateway;
use crate::host::Host;
use crate::remedy;
use crate::report::{Outcome, ProfileReport, Report, ReportError, Status};
use crate::ui::{stderr, stdout};

const HELP: &str = "\
Made for pipelines: asks each profile for its own credential, as `auth status`
does, and fails unless all are valid.

Exit status: 0 every profile passed, 1 a credential is not valid or expires too
soon, 2 usage or configuration error, 3 a strategy failed; with --verify, 4 if
nothing is known to be invalid, but at least one credential could not be
verified; the same in every format

Examples:
  orchestration auth check
  orchestration auth check openai corp --require-expiry 24h
  orchestration auth check --locked --no-builtin-profiles --format github
  orchestration auth check --format junit > credentials.xml";

/// Fail unless every profile is valid
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct CheckArgs {
    /// Check only these profiles
    #[arg(value_name = "PROFILE", add = ArgValueCandidates::new(profiles))]
    profiles: Vec<String>,

    /// Also ask the providers whether they accept the credentials
    #[arg(long)]
    verify: bool,

    /// Fail credentials that expire within this duration, e.g. 30m, 24h or 7days,
    /// unless they renew themselves
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    require_expiry: Option<Duration>,

    /// Let profiles with a missing credential pass
    #[arg(long)]
    allow_missing: bool,

    /// Output format; jsonl is one object per line, github annotates a workflow,
    /// and `orchestration schema status` describes the JSON
    #[arg(long, value_enum, default_value_t)]
    format: CheckFormat,

    #[command(flatten)]
    policy: Policy,
}

/// An output format. The values have no help of their own, so that clap writes each
/// option on one line and the page fits a screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    #[default]
    Table,
    Json,
    Jsonl,
    Junit,
    Github,
    Sarif,
}

impl CheckArgs {
    /// Runs the command. If it fails, the error is reported in the format that the
    /// result would have had.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let ended = self.check(config);
        match &ended {
            Err(error) if !error.is_about_output() && self.format != CheckFormat::Table => {
                stdout::print(&self.shown(&Report::failed(error.into()))?)?;
            }
            _ => {}
        }
        ended
    }

    /// Asks the profiles, judges and shows them; then, for people, explains on
    /// stderr.
    fn check(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let verifier = self.verify.then(Verifier::new);
        let host = Host::until_exit(config, self.verify)?;
        if self.policy.is_offline() {
            host.registry.go_offline();
        }
        let profiles = self.policy.admit(&self.profiles, &host.providers)?;
        gateway::warn(&gateway::notices(&host.providers, &profiles));
        let answers = host.run(ask_all(profiles, &host.registry, verifier));
        let mut report = reporting::report(&answers, &host, false);
        for (profile, answer) in report.profiles.iter_mut().zip(&answers) {
            self.judge(profile, answer, &host);
        }
        stdout::print(&self.shown(&report)?)?;
        if self.format == CheckFormat::Table {
            explain(&report, &answers);
        }
        Ok(report.profiles.iter().map(Exit::of_check).max().unwrap_or(Exit::Fine))
    }

    fn shown(&self, report: &Report<'_>) -> Result<String, ReportError> {
        match self.format {
            CheckFormat::Table => Ok(table::grouped(report)),
            CheckFormat::Json => report.json(),
            CheckFormat::Jsonl => report.json_lines(),
            CheckFormat::Junit => report.junit(),
            CheckFormat::Github => Ok(report.github()),
            CheckFormat::Sarif => report.sarif(),
        }
    }

    /// Records whether the profile passes, and why not if the strategy's own answer
    /// does not say so.
    fn judge(&self, profile: &mut ProfileReport<'_>, answer: &Answer, host: &Host) {
        let outcome = match profile.status {
            Status::Missing if self.allow_missing => Outcome::AllowedMissing,
            Status::Missing | Status::Invalid | Status::Error => Outcome::NotValid,
            Status::Ready => Outcome::Passed,
            Status::Valid if profile.in_doubt() => Outcome::NotVerified,
            Status::Valid => match self.require_expiry.zip(time_left(answer)) {
                Some((required, left)) if left < required && !lasts(answer, host, required) => {
                    let left = humantime::format_duration(Duration::from_secs(left.as_secs()));
                    let required = humantime::format_duration(required);
                    profile.message = Some(format!(
                        "the credential expires in {left}, which is sooner than {required}"
                    ));
                    profile.hint = Some(remedy::RENEW.to_owned());
                    Outcome::EndsTooSoon
                }
                _ => Outcome::Passed,
            },
        };
        profile.outcome = Some(outcome);
    }
}

/// Whether there will still be a credential after this time: a session may renew itself. Its
/// strategy is asked what it would say then.
fn lasts(answer: &Answer, host: &Host, time: Duration) -> bool {
    let Some(then) = SystemTime::now().checked_add(time) else { return false };
    match host.look(&answer.profile, Some(then)) {
        Ok(credentials) => !credentials.has_expired(then),
        Err(error) => error.kind() == ErrorKind::Renewable,
    }
}

/// How long the credential stays valid, if that is known.
fn time_left(answer: &Answer) -> Option<Duration> {
    let end = answer.credentials.as_ref().ok()?.expires_at()?;
    Some(end.duration_since(SystemTime::now()).unwrap_or_default())
}

/// Explains on stderr why profiles did not pass.
fn explain(report: &Report<'_>, answers: &[Answer]) {
    let failed = |profile: &ProfileReport<'_>| Exit::of_check(profile) != Exit::Fine;
    let judged = report.profiles.iter().zip(answers).filter(|(profile, _)| failed(profile));
    diagnostics::explain_all(
        judged.clone().filter_map(|(_, answer)| answer.credentials.as_ref().err()),
    );
    let (expiring, others): (Vec<_>, Vec<_>) =
        judged.partition(|(profile, _)| profile.outcome == Some(Outcome::EndsTooSoon));
    for (profile, _) in expiring {
        let message = profile.message.as_deref().unwrap_or_default();
        let message = format!("profile '{}': {message}", profile.profile);
        stderr::error(&message, profile.hint.as_deref());
    }
    others.into_iter().for_each(|(_, answer)| table::explain_verdict(answer));
}
