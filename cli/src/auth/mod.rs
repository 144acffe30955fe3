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

use std::iter;
use std::mem::ManuallyDrop;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::vec::IntoIter;

use futures_util::{StreamExt, stream};
use orchestration_runtime::{
    AgentConfig, Credentials, ProviderError, ProviderProfile, Registry, Scope, Status, Verdict,
    resolve_auth_strategy,
};
use tokio::runtime::Handle;

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
    // The process ends with it; giving back ten thousand profiles one by one takes a
    // tenth of the whole run.
    let host = ManuallyDrop::new(host);
    let Host { providers, registry, .. } = &*host;
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
    profile: Arc<ProviderProfile>,
    credentials: Result<Credentials, ProviderError>,
    status: Status,
    /// What its provider says, where that was asked.
    verdict: Option<Verdict>,
    /// How long the strategy took, with what had to be loaded for it.
    duration: Duration,
}

async fn ask(profile: Arc<ProviderProfile>, registry: Registry) -> Answer {
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

/// How many profiles one thread asks at once. One that spins to its deadline holds
/// up no other; ten thousand that wait for their turn would fill the memory.
const AT_ONCE: usize = 128;

/// Asks every profile. The answers are sorted by the names of the profiles.
///
/// A task for each thread takes the next profile when it has room for it. A task
/// for each profile, run by whichever thread is free, took twice as long as one
/// thread: what a built-in strategy does is less than waking somebody for it.
async fn ask_all(
    profiles: Vec<Arc<ProviderProfile>>,
    registry: &Registry,
    verifier: Option<Verifier>,
) -> Vec<Answer> {
    let threads = Handle::current().metrics().num_workers();
    let count = profiles.len();
    let left = Arc::new(Mutex::new(profiles.into_iter()));
    let asking: Vec<_> = (0..threads)
        .map(|_| tokio::spawn(ask_some(Arc::clone(&left), registry.clone(), verifier.clone())))
        .collect();
    let mut answers = Vec::with_capacity(count);
    for asked in asking {
        answers.extend(asked.await.unwrap_or_else(|error| resume_unwind(error.into_panic())));
    }
    answers.sort_by(|a, b| a.profile.name.cmp(&b.profile.name));
    answers
}

/// Asks profiles for as long as there are some left.
async fn ask_some(
    left: Arc<Mutex<IntoIter<Arc<ProviderProfile>>>>,
    registry: Registry,
    verifier: Option<Verifier>,
) -> Vec<Answer> {
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let ask = |profile| verify::ask(profile, registry.clone(), verifier.clone());
    stream::iter(iter::from_fn(next)).map(ask).buffer_unordered(AT_ONCE).collect().await
}
