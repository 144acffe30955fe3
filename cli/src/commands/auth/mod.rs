//! `orchestration auth`

pub(super) mod answer;
mod ask_all;
mod check;
mod exec;
mod explain;
mod login;
mod logout;
mod outcome;
mod policy;
mod refresh;
mod reporting;
mod select;
mod sign_in;
mod status;
mod store;
mod table;
mod token;
mod token_format;
pub(super) mod trace;
mod verify;
mod watch;

use std::path::Path;

use clap::Subcommand;

use super::deferred::Deferred;
use crate::error::CliError;
use crate::exit::Exit;
use crate::notes::Steps;

const HELP: &str = "\
Examples:
  orchestration auth status              show the status of every profile
  orchestration auth login openrouter    check one credential, explain how to set it
  orchestration auth status --verify     the same, and ask the providers
  orchestration auth explain openrouter  trace how it is found, step by step
  orchestration auth token openai        print its key, for a script
  orchestration auth exec openai -- cmd  run cmd with its key and no other profile's";

/// Check and use the credentials of profiles
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum AuthCommand {
    Status(Deferred<status::StatusArgs>),
    Check(Deferred<check::CheckArgs>),
    Login(Deferred<login::LoginArgs>),
    Logout(Deferred<logout::LogoutArgs>),
    Refresh(Deferred<refresh::RefreshArgs>),
    Explain(Deferred<explain::ExplainArgs>),
    Token(Deferred<token::TokenArgs>),
    Exec(Deferred<exec::ExecArgs>),
}

impl AuthCommand {
    /// Whether the command shows what the strategy did.
    pub(crate) fn shows_steps(&self) -> bool {
        matches!(self, Self::Explain(_))
    }

    /// Runs the command.
    pub(crate) fn run(&self, config: Option<&Path>, steps: &Steps) -> Result<Exit, CliError> {
        match self {
            Self::Status(args) if args.watch => watch::run(args, config),
            Self::Status(args) => args.run(config),
            Self::Check(args) => args.run(config),
            Self::Login(args) => args.run(config),
            Self::Logout(args) => args.run(config),
            Self::Refresh(args) => args.run(config),
            Self::Explain(args) => args.run(config, steps),
            Self::Token(args) => args.run(config),
            Self::Exec(args) => args.run(config),
        }
    }
}

/// Signs in to `profile`, as `auth login` does.
pub(super) fn sign_in(profile: &str, config: Option<&Path>) -> Result<Exit, CliError> {
    login::LoginArgs::signing_in(profile).run(config)
}

/// Asks for the key of `profile` and stores it, as `auth login --store` does.
pub(super) fn store_key(profile: &str, config: Option<&Path>) -> Result<Exit, CliError> {
    login::LoginArgs::storing(profile).run(config)
}
