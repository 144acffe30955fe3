//! Traces how a credential is found, step by step.
//!
//! The steps are the runtime's own audit events, so the trace shows what happened,
//! and not what the command line expects to happen.

use std::sync::Arc;
use std::time::Duration;

use orchestration_runtime::{
    AuditEvent, AuditRecord, Credentials, Exchange, Given, GrantedFile, HttpOrigin, Outcome,
    ProviderError, ProviderProfile, Registry, STORED_KEY, Service, Source, is_granted_path,
    is_readable, is_variable_name, quote,
};

use super::answer::{Answer, ask};
use super::outcome::{not_needed, outcome};
use crate::error::CliError;
use crate::exit::Exit;
use crate::notes::Steps;
use crate::ui::table::{Cell, Layout};
use crate::ui::{stdout, style, text};

const LAYOUT: Layout<4> = Layout {
    header: ["Step", "What", "Outcome", "Time"],
    widths: [8, 18, 24, 8],
    shortened: &[(2, 12), (1, 12)],
};

/// The interface whose only name is the host's own words.
const REVEAL: &str = "reveal";

/// What became of a request in a function that sends none.
const OFFLINE: &str = "not sent: only refresh-if-needed sends requests";

/// Asks the profile's strategy, then shows its steps and their outcome. `granter` is
/// what grants the variables that the profile does not name. `look` sees the answer, and
/// if it fails, so does the command.
pub(crate) async fn run(
    profile: Arc<ProviderProfile>,
    registry: &Registry,
    steps: &Steps,
    granter: &str,
    look: impl FnOnce(&Result<Credentials, ProviderError>) -> Result<(), CliError>,
) -> Result<Exit, CliError> {
    let answer = ask(profile, registry.clone(), Duration::ZERO).await;
    let looked = look(&answer.credentials);
    let service = registry.service(&answer.profile.auth_type);
    let job = registry.granted_for_job(&answer.profile);
    let exit = shown(answer, steps, Granters { file: granter, service, job: &job });
    looked.and(exit)
}

/// What grants things to a strategy, besides the profile.
#[derive(Clone, Copy)]
struct Granters<'a> {
    /// The place of the user's own lines.
    file: &'a str,
    /// The server that the strategy is for.
    service: Option<Service>,
    /// What the profile grants by its `source`.
    job: &'a [String],
}

fn shown(answer: Answer, steps: &Steps, granters: Granters<'_>) -> Result<Exit, CliError> {
    let steps = steps.take();
    let rows = steps.iter().filter_map(|step| row(step, &answer.profile, granters)).collect();
    let table = LAYOUT.table(counted(rows));
    // The user asked for the steps, whatever the outcome.
    stdout::print(&format!("{table}\n"))?;
    let (status, sentence) = outcome(answer, found)?;
    stdout::print(&sentence)?;
    Ok(status.into())
}

/// Merges equal rows that follow each other: a strategy that writes a line may call
/// the host once per letter.
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

/// The row of a step; none for what the strategy wrote, which is shown meanwhile.
fn row<'a>(
    step: &'a AuditRecord,
    profile: &ProviderProfile,
    granters: Granters<'_>,
) -> Option<[Cell<'a>; 4]> {
    let nothing = || Cell::from("");
    Some(match &step.event {
        AuditEvent::Granted { name } => {
            let by = granted_by(name, profile, granters);
            ["granted".into(), name.as_str().into(), by.into(), nothing()]
        }
        AuditEvent::HostCall { interface, name, outcome, secret } => {
            // A call of WASI asks for nothing by name.
            let what = match name.as_deref() {
                Some(name) if interface != REVEAL => asked_for(name),
                Some(name) => name.into(),
                None => interface.as_str().into(),
            };
            let answered = match secret {
                Some(secret) => format!("taken as {}", asked_for(secret).text).into(),
                None => answered(*outcome),
            };
            ["asked".into(), what, answered, nothing()]
        }
        AuditEvent::Tool { tool, of, made, error } => {
            used(tool, of, made.as_deref(), error.as_deref())
        }
        AuditEvent::Exchanged(exchange) => [
            "sent".into(),
            format!("{} {}{}", exchange.method, exchange.origin, exchange.path).into(),
            exchanged(exchange),
            nothing(),
        ],
        AuditEvent::Session { function, secrets, error } => {
            kept(function, secrets, error.as_deref())
        }
        AuditEvent::Unlisted => {
            ["further host calls are not listed".into(), nothing(), nothing(), nothing()]
        }
        AuditEvent::Loaded { time } => {
            ["loaded".into(), step.strategy.as_str().into(), nothing(), took(*time).into()]
        }
        AuditEvent::Called { function, time } => {
            ["called".into(), function.as_str().into(), nothing(), took(*time).into()]
        }
        AuditEvent::Returned { name, from } => {
            ["returned".into(), asked_for(name), made_of(from).into(), nothing()]
        }
        AuditEvent::Wrote { .. } => return None,
    })
}

/// The row of a tool, by the names that the strategy gave to secrets.
fn used<'a>(
    tool: &'a str,
    of: &[String],
    made: Option<&'a str>,
    error: Option<&'a str>,
) -> [Cell<'a>; 4] {
    let names: Vec<String> = of.iter().map(|name| asked_for(name).text.into_owned()).collect();
    let of = if names.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) };
    match (error, made) {
        (Some(error), _) => {
            let outcome = Cell::coloured(error, style::BAD);
            ["asked".into(), format!("{tool}{of}").into(), outcome, "".into()]
        }
        (None, Some(made)) => {
            ["made".into(), asked_for(made), format!("by {tool}{of}").into(), "".into()]
        }
        (None, None) => ["read".into(), format!("{tool}{of}").into(), "".into(), "".into()],
    }
}

/// The row of a function of the store, with the names of the session's secrets.
fn kept<'a>(function: &'a str, secrets: &[String], error: Option<&'a str>) -> [Cell<'a>; 4] {
    if let Some(error) = error {
        let what = format!("to {function} the session");
        return ["asked".into(), what.into(), Cell::coloured(error, style::BAD), "".into()];
    }
    let step = match function {
        "load" => "loaded",
        "save" => "saved",
        _ => "forgot",
    };
    let names: Vec<String> = secrets.iter().map(|name| asked_for(name).text.into_owned()).collect();
    let outcome = match (function, names.as_slice()) {
        ("load", []) => "none".to_owned(),
        (_, []) => String::new(),
        (_, names) => format!("with {}", names.join(", ")),
    };
    [step.into(), "the session".into(), outcome.into(), "".into()]
}

/// What became of a request: its status, and the names of the secrets that went along and
/// that came back.
fn exchanged(exchange: &Exchange) -> Cell<'static> {
    // The first three are in the other columns.
    let Exchange { method: _, origin: _, path: _, sent, taken, status, error } = exchange;
    let names = |before: &str, names: &[String]| match names {
        [] => String::new(),
        names => format!("{before}{}", names.join(", ")),
    };
    let secrets = names(", with ", sent) + &names(", took ", taken);
    let status = status.map(|status| status.to_string());
    match (error, status) {
        (None, status) => format!("{}{secrets}", status.unwrap_or_default()).into(),
        (Some(error), None) => Cell::coloured(format!("{error}{secrets}"), style::BAD),
        (Some(error), Some(status)) => {
            Cell::coloured(format!("{status}, {error}{secrets}"), style::BAD)
        }
    }
}

/// What a secret of the credential is made of.
fn made_of(from: &[Given]) -> String {
    let names: Vec<&str> = from
        .iter()
        .map(|given| match given {
            Given::Own => "the strategy's own text",
            Given::Random => "random bytes",
            Given::Explicit => "the explicit key",
            Given::Session => "the session",
            Given::StoredKey => "the stored key",
            Given::Variable(name) | Given::File(name) | Given::Answer(name) => name,
        })
        .collect();
    format!("from {}", names.join(", "))
}

/// What the strategy asked for; in quotes if that is no name, but a text of its own.
fn asked_for(name: &str) -> Cell<'_> {
    let is_name = name == STORED_KEY
        || is_variable_name(name)
        || is_granted_path(name)
        || is_readable(name)
        || name.parse::<HttpOrigin>().is_ok();
    if is_name { name.into() } else { quote(name).into() }
}

/// What grants the variable, the file or the server to the strategy.
fn granted_by(name: &str, profile: &ProviderProfile, granters: Granters<'_>) -> String {
    let file = profile.api_key_file.as_ref().map(GrantedFile::path);
    let issuer = profile.issuer.as_ref().map(|issuer| issuer.origin().as_str());
    if [profile.api_key_env.as_deref(), file, issuer].contains(&Some(name)) {
        return "the profile names it".to_owned();
    }
    if name == STORED_KEY {
        return "you stored it".to_owned();
    }
    let Granters { file, service, job } = granters;
    if job.iter().any(|granted| granted == name) {
        return "the profile's source needs it".to_owned();
    }
    let is_own = |service: Service| service.issuer == name || service.readable.contains(&name);
    match service.is_some_and(is_own) {
        true => "the strategy is built in".to_owned(),
        false => format!("by {file}"),
    }
}

fn answered(outcome: Outcome) -> Cell<'static> {
    match outcome {
        Outcome::Found => "granted, found".into(),
        Outcome::Unset => "granted, not set".into(),
        Outcome::Blank => "granted, blank".into(),
        Outcome::Unusable => Cell::coloured("granted, can't be used", style::BAD),
        Outcome::Allowed => "granted".into(),
        Outcome::Offline => Cell::coloured(OFFLINE, style::BAD),
        Outcome::Denied => Cell::coloured("denied", style::BAD),
    }
}

/// The time that the step took.
fn took(time: Duration) -> String {
    match time.as_micros() {
        micros if micros < 1000 => format!("{micros} µs"),
        micros => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
    }
}

fn found(profile: &ProviderProfile, credentials: &Credentials) -> String {
    match credentials.source() {
        Source::NotNeeded { stranger } => not_needed(&profile.name, stranger.as_deref()),
        Source::Environment(variable) => format!("the credential comes from {variable}"),
        Source::File(path) => format!("the credential comes from {}", text::from_home(path)),
        Source::Session { account: Some(account), .. } => {
            format!("the credential comes from the session of {}", account.as_noun())
        }
        Source::Session { account: None, .. } => {
            "the credential comes from the stored session".to_owned()
        }
        Source::StoredKey => "the credential is the stored key".to_owned(),
        Source::Explicit => "the credential was passed explicitly".to_owned(),
        Source::Other(claim) => format!("the credential comes from {claim}"),
    }
}
