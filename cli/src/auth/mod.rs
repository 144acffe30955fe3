//! `orchestration auth`: the credentials of profiles.

mod login;
mod status;

use std::path::Path;

use orchestration_runtime::{
    AgentConfig, Cache, Credentials, Environment, ProviderError, ProviderProfile, ProvidersToml,
    Registry, Scope, Status, resolve_auth_strategy,
};

use crate::args::AuthCommand;
use crate::exit::Exit;
use crate::failure::CliError;

/// Carries out one command of the group.
pub(crate) fn run(command: &AuthCommand, config: Option<&Path>) -> Result<Exit, CliError> {
    let providers = ProvidersToml::discover(config)?;
    let registry = Registry::new(&providers, Environment::Process, Cache::of_this_user())?;
    // One thread: strategies give way to each other at every tick, and starting
    // more threads costs more than they save.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    match command {
        AuthCommand::Status => runtime.block_on(status::run(&providers, &registry)),
        AuthCommand::Login { profile } => {
            let profile = providers.profile(profile)?.clone();
            runtime.block_on(login::run(profile, registry))
        }
    }
}

/// What a profile's own strategy says of its own credential, without fallback.
struct Answer {
    profile: ProviderProfile,
    credentials: Result<Credentials, ProviderError>,
    status: Status,
}

async fn ask(profile: ProviderProfile, registry: Registry) -> Answer {
    let config = AgentConfig::default();
    let credentials =
        match resolve_auth_strategy(&registry, &config, Some(&profile), Scope::OwnCredential) {
            Ok(strategy) => strategy.get_credentials().await,
            Err(error) => Err(error),
        };
    let status = Status::of(&credentials);
    Answer { profile, credentials, status }
}
