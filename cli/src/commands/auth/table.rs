//! The table of profiles, and why its rows are bad.

use std::borrow::Cow;
use std::fmt::Write;

use orchestration_runtime::Status as RuntimeStatus;

use super::answer::Answer;
use super::verify;
use crate::diagnostics;
use crate::report::{ProfileReport, Report, Source, Status};
use crate::ui::table::{Cell, Layout};
use crate::ui::{style, text};

/// The status is never truncated: it is what the table is for.
const LAYOUT: Layout<4> = Layout {
    header: ["Profile", "Auth Type", "Status", "Source"],
    widths: [12, 10, 11, 15],
    shortened: &[(3, 8), (0, 8), (1, 8)],
};

/// A table of up to this many rows is easiest to read sorted by name. A longer one
/// starts with the problems and ends with a summary.
const SHORT: usize = 10;

/// The table of a report, grouped if it is long.
pub(super) fn of(report: &Report<'_>) -> String {
    if report.profiles.len() > SHORT {
        return grouped(report);
    }
    LAYOUT.table(report.profiles.iter().map(row))
}

/// The table with the problems first, and a summary line.
pub(super) fn grouped(report: &Report<'_>) -> String {
    let mut profiles: Vec<&ProfileReport<'_>> = report.profiles.iter().collect();
    // The sort is stable, so groups stay sorted by name.
    profiles.sort_by_key(|profile| match profile.status {
        Status::Error => 0,
        Status::Invalid => 1,
        Status::Missing => 2,
        Status::Valid if profile.in_doubt() => 3,
        Status::Valid | Status::Ready => 4,
    });
    let mut text = LAYOUT.table(profiles.into_iter().map(row));
    let _ = write!(text, "\n{}\n", report.summary);
    text
}

fn row<'a>(profile: &ProfileReport<'a>) -> [Cell<'a>; 4] {
    let status =
        profile.verified.map_or_else(|| style::label(profile.status.into()), verify::label);
    [profile.profile.into(), profile.auth_type.into(), status, source(profile).into()]
}

fn source<'a>(profile: &ProfileReport<'a>) -> Cow<'a, str> {
    match &profile.source {
        Some(Source::Explicit) => "(explicit)".into(),
        Some(Source::Environment { name }) => (*name).into(),
        Some(Source::File { path }) => text::from_home(path),
        Some(Source::Session { phrase, renews, .. }) => session(phrase.as_deref(), *renews).into(),
        Some(Source::StoredKey) => "stored key".into(),
        Some(Source::NotNeeded { said_by: None }) => "(no auth needed)".into(),
        Some(Source::NotNeeded { said_by: Some(strategy) }) => {
            format!("strategy '{strategy}' says: no auth needed").into()
        }
        Some(Source::Other { phrase, .. }) => phrase.clone().into(),
        None if profile.status == Status::Ready => "minted when needed".into(),
        None if profile.signs_in && profile.status == Status::Missing => "not signed in".into(),
        None => match (profile.variable, profile.file) {
            (Some(variable), _) => variable.into(),
            (None, Some(path)) => text::from_home(path),
            (None, None) => "-".into(),
        },
    }
}

/// The session of an account, if that is known, and whether it renews itself.
fn session(account: Option<&str>, renews: bool) -> String {
    let of = account.map_or("stored session".to_owned(), |account| format!("session of {account}"));
    if renews { format!("{of}, renews itself") } else { of }
}

/// Explains on stderr why rows are invalid or an error. Missing credentials need no
/// explanation: the row names the variable, and `auth login` tells how to set it.
pub(super) fn explain(answers: &[Answer]) {
    let unexplained = [RuntimeStatus::Valid, RuntimeStatus::Ready, RuntimeStatus::Missing];
    let bad = answers.iter().filter(|answer| !unexplained.contains(&answer.status));
    diagnostics::explain_all(bad.filter_map(|answer| answer.credentials.as_ref().err()));
    answers.iter().for_each(explain_verdict);
}

/// Explains on stderr why the provider rejects a credential, or was not reached.
pub(super) fn explain_verdict(answer: &Answer) {
    if let Some(verdict) = &answer.verdict {
        verify::explain(&answer.profile.name, verdict);
    }
}
