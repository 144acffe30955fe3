//! `auth check`: whether every profile is as a pipeline needs it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use orchestration_runtime::{ProviderProfile, ProvidersToml};

use super::verify::Verifier;
use super::{Answer, ask_all, report, status};
use crate::args::{AuthCheckArguments, CheckFormat, Policy, StatusFormat};
use crate::exit::Exit;
use crate::failure::{self, CliError, PolicyError};
use crate::host::Host;
use crate::output;
use crate::report::{Outcome, ProfileReport, Report, Status};

/// Asks the profiles, judges and shows them; then, for people, why on stderr.
pub(super) async fn run(
    arguments: &AuthCheckArguments,
    host: &Host,
    verifier: Option<Verifier>,
) -> Result<Exit, CliError> {
    let profiles = admitted(arguments, &host.providers)?;
    let answers = ask_all(profiles, &host.registry, verifier).await;
    let mut report = report::of(&answers, host, false);
    for (profile, answer) in report.profiles.iter_mut().zip(&answers) {
        judge(profile, answer, arguments);
    }
    output::print(&shown(&report, arguments.format)?)?;
    if arguments.format == CheckFormat::Table {
        explain(&report, &answers);
    }
    Ok(report.profiles.iter().map(exit).max().unwrap_or(Exit::Fine))
}

/// The report in the words of `format`.
pub(super) fn shown(report: &Report<'_>, format: CheckFormat) -> io::Result<String> {
    match format {
        CheckFormat::Table => Ok(status::grouped(report)),
        CheckFormat::Json => status::shown(report, StatusFormat::Json),
        CheckFormat::Jsonl => status::shown(report, StatusFormat::Jsonl),
        CheckFormat::Junit => report.junit(),
        CheckFormat::Github => Ok(report.github()),
        CheckFormat::Sarif => report.sarif(),
    }
}

/// The profiles to be asked, if the policy lets all of them be.
fn admitted(
    arguments: &AuthCheckArguments,
    providers: &ProvidersToml,
) -> Result<Vec<Arc<ProviderProfile>>, CliError> {
    let Policy { locked, no_builtin_profiles, .. } = arguments.policy;
    let mut profiles = status::chosen(providers, &arguments.profiles)?;
    let written = |profile: &Arc<ProviderProfile>| providers.place(&profile.name).is_some();
    if no_builtin_profiles {
        let left_out = profiles.iter().find(|profile| !written(profile));
        if let (Some(profile), false) = (left_out, arguments.profiles.is_empty()) {
            return Err(PolicyError::BuiltInProfile(profile.name.clone()).into());
        }
        profiles.retain(written);
    }
    let not_written = profiles.iter().find(|profile| !written(profile));
    if let (Some(profile), true) = (not_written, locked) {
        return Err(PolicyError::NotWritten(profile.name.clone()).into());
    }
    if profiles.is_empty() {
        return Err(PolicyError::NothingToCheck.into());
    }
    Ok(profiles)
}

/// Writes down whether the profile passes, and why it does not where that is
/// not the strategy's own answer.
fn judge(profile: &mut ProfileReport<'_>, answer: &Answer, arguments: &AuthCheckArguments) {
    let verdict = match profile.status {
        Status::Missing if arguments.allow_missing => Outcome::AllowedMissing,
        Status::Missing | Status::Invalid | Status::Error => Outcome::NotValid,
        Status::Valid if profile.in_doubt() => Outcome::NotVerified,
        Status::Valid => match arguments.require_expiry.zip(left(answer)) {
            Some((required, left)) if left < required => {
                let left = humantime::format_duration(Duration::from_secs(left.as_secs()));
                let required = humantime::format_duration(required);
                profile.message =
                    Some(format!("the credential ends in {left}, which is sooner than {required}"));
                profile.hint = Some("renew it".to_owned());
                Outcome::EndsTooSoon
            }
            _ => Outcome::Passed,
        },
    };
    profile.outcome = Some(verdict);
}

/// How long the credential is good for, where that is known.
fn left(answer: &Answer) -> Option<Duration> {
    let end = answer.credentials.as_ref().ok()?.expires_at()?;
    Some(end.duration_since(SystemTime::now()).unwrap_or_default())
}

fn exit(profile: &ProfileReport<'_>) -> Exit {
    match profile.outcome {
        Some(Outcome::Passed | Outcome::AllowedMissing) | None => Exit::Fine,
        Some(Outcome::EndsTooSoon) => Exit::NotValid,
        Some(Outcome::NotVerified) => Exit::NotVerified,
        Some(Outcome::NotValid) => Exit::of(profile.status.into()),
    }
}

/// Says on stderr why profiles did not pass.
fn explain(report: &Report<'_>, answers: &[Answer]) {
    let failed = |profile: &ProfileReport<'_>| exit(profile) != Exit::Fine;
    let judged = report.profiles.iter().zip(answers).filter(|(profile, _)| failed(profile));
    failure::explain_all(
        judged.clone().filter_map(|(_, answer)| answer.credentials.as_ref().err()),
    );
    let (unlasting, others): (Vec<_>, Vec<_>) =
        judged.partition(|(profile, _)| profile.outcome == Some(Outcome::EndsTooSoon));
    unlasting.iter().for_each(|(profile, _)| failure::explain_outcome(profile));
    status::explain_verdicts(others.into_iter().map(|(_, answer)| answer));
}
