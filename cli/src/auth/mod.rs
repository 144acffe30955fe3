//! `orchestration auth`: the credentials of profiles.

mod check;
mod exec;
pub(crate) mod explain;
mod login;
mod report;
mod status;
mod token;
mod verify;
mod watch;

use std::future::ready;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use orchestration_runtime::{
    AgentConfig, Credentials, ProviderError, ProviderProfile, Registry, Scope, Status, Verdict,
    resolve_auth_strategy,
};

use crate::args::{AuthCheckArguments, AuthCommand, CheckFormat, StatusArguments, StatusFormat};
use crate::config;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::host::Host;
use crate::notes::Asked;
use crate::output;
use crate::report::Report;
use verify::Verifier;

/// Carries out one command of the group.
pub(crate) fn run(
    command: &AuthCommand,
    named: Option<&Path>,
    asked: &Asked,
) -> Result<Exit, CliError> {
    if let AuthCommand::Status(arguments @ StatusArguments { watch: true, .. }) = command {
        return watch::run(arguments, named);
    }
    let ended = carry_out(command, named, asked);
    match &ended {
        // Nobody is left to read it.
        Ok(_) | Err(CliError::Output(_)) => {}
        Err(error) => report_failure(command, error)?,
    }
    ended
}

fn carry_out(command: &AuthCommand, named: Option<&Path>, asked: &Asked) -> Result<Exit, CliError> {
    let providers = config::discover(named)?;
    let verifier = command.verifies().then(Verifier::new);
    let host = if verifier.is_some() { Host::online(providers) } else { Host::of(providers) }?;
    let Host { providers, registry, .. } = &host;
    match command {
        AuthCommand::Status(arguments) => host.run(status::run(arguments, &host, verifier)),
        AuthCommand::Check(arguments) => host.run(check::run(arguments, &host, verifier)),
        AuthCommand::Login { profile, .. } => {
            let profile = providers.profile(profile)?.clone();
            host.run(login::run(profile, registry, verifier))
        }
        AuthCommand::Explain { profile } => {
            let profile = providers.profile(profile)?.clone();
            let granter = format!("[strategies.{}]", profile.auth_type);
            host.run(explain::run(profile, registry, asked, &granter))
        }
        AuthCommand::Token { profile, show_token } => {
            let profile = providers.profile(profile)?.clone();
            host.run(token::run(profile, registry, *show_token))
        }
        AuthCommand::Exec { profile, command } => {
            let profile = providers.profile(profile)?.clone();
            let answer = host.run(ask(profile, registry.clone()));
            Err(exec::run(command, &answer.profile, &answer.credentials?, providers))
        }
    }
}

/// Says why a command came to nothing in the format that its result would have
/// had, to whoever reads that. People read it on stderr.
fn report_failure(command: &AuthCommand, error: &CliError) -> Result<(), CliError> {
    let report = Report::failed(error.problem());
    let shown = match command {
        AuthCommand::Status(StatusArguments { format, .. }) if *format != StatusFormat::Table => {
            status::shown(&report, *format)?
        }
        AuthCommand::Check(AuthCheckArguments { format, .. }) if *format != CheckFormat::Table => {
            check::shown(&report, *format)?
        }
        _ => return Ok(()),
    };
    Ok(output::print(&shown)?)
}

/// What a profile's own strategy says of its own credential, without fallback.
struct Answer {
    profile: ProviderProfile,
    credentials: Result<Credentials, ProviderError>,
    status: Status,
    /// What its provider says, where that was asked.
    verdict: Option<Verdict>,
    /// How long the strategy took, with what had to be loaded for it.
    duration: Duration,
}

async fn ask(profile: ProviderProfile, registry: Registry) -> Answer {
    let started = Instant::now();
    let config = AgentConfig::default();
    let credentials =
        match resolve_auth_strategy(&registry, &config, Some(&profile), Scope::OwnCredential) {
            Ok(strategy) => strategy.get_credentials().await,
            Err(error) => Err(error),
        };
    let status = Status::of(&credentials);
    Answer { profile, credentials, status, verdict: None, duration: started.elapsed() }
}

/// How many profiles are asked at once. One that spins to its deadline holds up no
/// other; ten thousand that wait for their turn would fill the memory.
const AT_ONCE: usize = 256;

/// Asks every profile. The answers are sorted by the names of the profiles.
async fn ask_all(
    profiles: Vec<ProviderProfile>,
    registry: &Registry,
    verifier: Option<Verifier>,
) -> Vec<Answer> {
    let ask = |profile| tokio::spawn(verify::ask(profile, registry.clone(), verifier.clone()));
    let asked = stream::iter(profiles.into_iter().map(ask)).buffer_unordered(AT_ONCE);
    let mut answers: Vec<Answer> = asked.filter_map(|answer| ready(answer.ok())).collect().await;
    answers.sort_by(|a, b| a.profile.name.cmp(&b.profile.name));
    answers
}
