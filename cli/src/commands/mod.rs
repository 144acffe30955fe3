//! The command line. Each command is one file: its arguments, its help and its
//! code.

mod auth;
mod cache;
mod client;
pub(crate) mod compile;
mod completions;
mod credential_helper;
mod deferred;
mod doctor;
mod init;
mod key_file;
mod launched;
mod man;
mod profile;
mod render;
mod run;
mod schema;
mod serve;
mod session;
mod spawn;
mod strategy;
mod trust;
pub(crate) mod welcome;

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use deferred::Deferred;

use crate::error::CliError;
use crate::exit::Exit;
use crate::notes::{self, Steps};
use crate::program;

const HELP: &str = "\
Examples:
  orchestration init                     choose providers, write providers.toml
  orchestration auth status              show the status of every profile
  orchestration auth login openrouter    check one credential, explain how to set it
  orchestration auth explain openrouter  trace how it is found, step by step
  orchestration strategy list            list the available strategies

Files:
  providers.toml   your profiles, from --config, $ORCHESTRATION_CONFIG,
                   $XDG_CONFIG_HOME/orchestration/ or ~/.config/orchestration/

Exit status: 0 success, 1 a credential is not valid, 2 usage or configuration
error, 3 a strategy failed, 4 a credential could not be verified";

/// The columns of help on a wide terminal.
pub(crate) const MAX_HELP_WIDTH: usize = 100;

/// Resolve and check the credentials of LLM-provider profiles.
///
/// An auth strategy decides how a credential is found: a WebAssembly component that
/// runs in a sandbox and sees only the variables that it is granted.
#[derive(Debug, Parser)]
#[command(name = program::NAME, version, after_help = HELP, max_term_width = MAX_HELP_WIDTH)]
pub(crate) struct Args {
    /// Read profiles from this file instead of the usual providers.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Log each step to stderr; never shows a secret
    #[arg(short, long, global = true)]
    verbose: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Deferred<init::InitArgs>),
    #[command(subcommand)]
    Auth(Deferred<auth::AuthCommand>),
    Run(Deferred<run::RunArgs>),
    Spawn(Deferred<spawn::SpawnArgs>),
    Serve(Deferred<serve::ServeArgs>),
    #[command(subcommand)]
    Profile(Deferred<profile::ProfileCommand>),
    #[command(subcommand)]
    Strategy(Deferred<strategy::StrategyCommand>),
    #[command(subcommand)]
    Session(Deferred<session::SessionCommand>),
    #[command(subcommand)]
    Cache(Deferred<cache::CacheCommand>),
    #[command(subcommand)]
    CredentialHelper(Deferred<credential_helper::CredentialHelperCommand>),
    #[command(subcommand)]
    Client(Deferred<client::ClientCommand>),
    Render(Deferred<render::RenderArgs>),
    Trust(Deferred<trust::TrustArgs>),
    Doctor(Deferred<doctor::DoctorArgs>),
    Completions(Deferred<completions::CompletionsArgs>),
    Man(Deferred<man::ManArgs>),
    Schema(Deferred<schema::SchemaArgs>),
    #[command(name = compile::NAME, hide = true)]
    Compile(Deferred<compile::CompileArgs>),
}

impl Args {
    /// Returns every command with its arguments.
    pub(crate) fn whole_command() -> clap::Command {
        let mut command = Self::command();
        command.build();
        command
    }

    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, CliError> {
        let steps = Steps::default();
        let (shows_steps, shows_output) = match &self.command {
            Command::Auth(command) => (command.shows_steps(), false),
            Command::Strategy(command) => (command.runs_once(), command.runs_once()),
            _ => (false, false),
        };
        notes::listen(self.verbose, shows_steps.then(|| steps.clone()), shows_output);
        let config = self.config.as_deref();
        match &self.command {
            Command::Init(args) => args.run(config),
            Command::Auth(command) => command.run(config, &steps),
            Command::Run(args) => args.run(config),
            Command::Spawn(args) => args.run(config),
            Command::Serve(args) => args.run(config),
            Command::Profile(command) => command.run(config),
            Command::Strategy(command) => command.run(config, &steps),
            Command::Session(command) => command.run(),
            Command::Cache(command) => command.run(),
            Command::CredentialHelper(command) => command.run(config),
            Command::Client(command) => command.run(config),
            Command::Render(args) => args.run(config),
            Command::Trust(args) => args.run(),
            Command::Doctor(args) => args.run(config),
            Command::Completions(args) => args.run(),
            Command::Man(args) => args.run(Self::whole_command()),
            Command::Schema(args) => args.run(),
            Command::Compile(args) => args.run(),
        }
    }
}
