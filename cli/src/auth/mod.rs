//! `orchestration auth`: the credentials of profiles.

mod exec;
pub(crate) mod explain;
mod login;
mod status;
mod token;
mod verify;

use std::path::Path;

use orchestration_runtime::{
    AgentConfig, Credentials, ProviderError, ProviderProfile, ProvidersToml, Registry, Scope,
    Status, Verdict, resolve_auth_strategy,
};

use crate::args::AuthCommand;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::host::Host;
use crate::notes::Asked;
use verify::Verifier;

/// Carries out one command of the group.
pub(crate) fn run(
    command: &AuthCommand,
    config: Option<&Path>,
    asked: &Asked,
) -> Result<Exit, CliError> {
    let providers = ProvidersToml::discover(config)?;
    let verifier = command.verifies().then(Verifier::new);
    let host = if verifier.is_some() { Host::online(providers) } else { Host::of(providers) }?;
    let Host { providers, registry, .. } = &host;
    match command {
        AuthCommand::Status { .. } => host.run(status::run(providers, registry, verifier)),
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

/// What a profile's own strategy says of its own credential, without fallback.
struct Answer {
    profile: ProviderProfile,
    credentials: Result<Credentials, ProviderError>,
    status: Status,
    /// What its provider says, where that was asked.
    verdict: Option<Verdict>,
}

async fn ask(profile: ProviderProfile, registry: Registry) -> Answer {
    let config = AgentConfig::default();
    let credentials =
        match resolve_auth_strategy(&registry, &config, Some(&profile), Scope::OwnCredential) {
            Ok(strategy) => strategy.get_credentials().await,
            Err(error) => Err(error),
        };
    let status = Status::of(&credentials);
    Answer { profile, credentials, status, verdict: None }
}
