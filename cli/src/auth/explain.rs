//! `auth explain PROFILE`: the way to a credential, step by step.
//!
//! The steps are the runtime's own audit events, so what is shown is what
//! happened, and not what this command thinks should happen.

use std::sync::Arc;

use orchestration_runtime::{Credentials, ProviderProfile, Registry, Source};

use super::{ask, login};
use crate::exit::Exit;
use crate::failure::CliError;
use crate::notes::{Asked, Note};
use crate::output;
use crate::table::{Cell, Layout};

const LAYOUT: Layout<4> = Layout {
    header: ["Step", "What", "Outcome", "Time"],
    widths: [8, 18, 24, 8],
    shortened: &[(2, 12), (1, 12)],
};

/// Asks the profile's strategy, shows the steps, and says what came of them.
/// `granter` lets it read what the profile does not name.
pub(crate) async fn run(
    profile: Arc<ProviderProfile>,
    registry: &Registry,
    asked: &Asked,
    granter: &str,
) -> Result<Exit, CliError> {
    let answer = ask(profile, registry.clone()).await;
    let steps = asked.take();
    let rows = steps.iter().map(|step| row(step, &answer.profile, granter)).collect();
    let table = LAYOUT.table(counted(rows));
    // Whatever came of it, the steps are what was asked for.
    output::print(&format!("{table}\n"))?;
    let (status, said) = login::outcome(answer, found)?;
    output::print(&said)?;
    Ok(Exit::of(status))
}

/// Rows that are alike and follow each other are one: a strategy that writes a
/// line may call the host for every letter of it.
fn counted<'a>(rows: Vec<[Cell<'a>; 4]>) -> impl Iterator<Item = [Cell<'a>; 4]> {
    let runs: Vec<([Cell<'_>; 4], usize)> = rows
        .chunk_by(|row, next| row == next)
        .filter_map(|run| Some((run.first()?.clone(), run.len())))
        .collect();
    runs.into_iter().map(|([step, what, outcome, time], times)| match times {
        1 => [step, what, outcome, time],
        _ => {
            let text = format!("{}, {times} times", outcome.text);
            [step, what, Cell::coloured(text, outcome.style), time]
        }
    })
}

fn row<'a>(step: &'a Note, profile: &ProviderProfile, granter: &str) -> [Cell<'a>; 4] {
    let field = |name| step.field(name);
    let nothing = || Cell::from("");
    match step.message.as_str() {
        "granted" => {
            let by = granted_by(step, profile, granter);
            ["granted".into(), field("name").into(), by.into(), nothing()]
        }
        "host call" => {
            // WASI is asked for nothing by name.
            let name = ["name", "capability"].map(field).into_iter().find(|name| !name.is_empty());
            ["asked".into(), name.unwrap_or_default().into(), answered(step), nothing()]
        }
        "loaded" => ["loaded".into(), field("strategy").into(), nothing(), took(step).into()],
        "called" => ["called".into(), field("function").into(), nothing(), took(step).into()],
        other => [other.into(), nothing(), nothing(), nothing()],
    }
}

/// Who lets the strategy read the variable.
fn granted_by(step: &Note, profile: &ProviderProfile, granter: &str) -> String {
    if profile.api_key_env.as_deref() == Some(step.field("name")) {
        return "the profile names it".to_owned();
    }
    format!("by {granter}")
}

fn answered(step: &Note) -> Cell<'static> {
    match (step.field("granted"), step.field("found")) {
        ("true", "true") => "granted, found".into(),
        ("true", "false") => "granted, not set".into(),
        ("true", _) => "granted".into(),
        _ => Cell::coloured("denied", output::BAD),
    }
}

/// How long it took, in the unit that is read most easily.
fn took(step: &Note) -> String {
    match step.field("micros").parse::<u64>() {
        Ok(micros) if micros < 1000 => format!("{micros} µs"),
        Ok(micros) => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        Err(_) => String::new(),
    }
}

fn found(profile: &ProviderProfile, credentials: &Credentials) -> String {
    match credentials.source() {
        Source::NotNeeded => format!("No authentication required for {} profile", profile.name),
        Source::Environment(variable) => format!("the credential comes from {variable}"),
        Source::Explicit => "the credential was given by hand".to_owned(),
        Source::Other(words) => format!("the credential comes from {words}"),
    }
}
