//! `orchestration client`: sets up programs that run a command for their key.
//!
//! A key that is written into the settings of a program stays there, in backups and in
//! dotfiles, and is old the day after. These programs can run a command instead, and each
//! has its own file and its own words for it. A line that a user copies names a program that the
//! client does not find, or a key for one server goes to another. So the lines are written
//! here, with the base URL of the profile beside its key, and `doctor` reads them again.

mod add;
pub(super) mod check;
mod claude_code;
mod codex;
mod edit;
mod error;
mod helper;
mod json;
mod kind;
mod list;
mod opencode;
mod pi;
mod remove;
mod settings;
mod setup;

use std::path::Path;

use clap::Subcommand;

pub(super) use kind::{Client, WITH_HELPER};

use super::deferred::Deferred;
use crate::error::CliError;
use crate::exit::Exit;

const HELP: &str = "\
Clients
  claude-code  apiKeyHelper in settings.json, in $CLAUDE_CONFIG_DIR or ~/.claude
  codex        model_providers.orchestration in config.toml, in $CODEX_HOME or ~/.codex
  opencode     a plugin in $XDG_CONFIG_HOME/opencode or ~/.config/opencode
  pi           a provider in models.json, in $PI_CODING_AGENT_DIR or ~/.pi/agent

No key is written: each client runs `orchestration auth token` for it.

Exit status: 0 success, 2 usage or configuration error

Examples:
  orchestration client add claude-code --profile anthropic
  orchestration client list
  orchestration client remove claude-code";

/// Set up agents and other clients to use a profile
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum ClientCommand {
    Add(Deferred<add::AddArgs>),
    Remove(Deferred<remove::RemoveArgs>),
    List(Deferred<list::ListArgs>),
}

impl ClientCommand {
    /// Runs the command.
    pub(crate) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        match self {
            Self::Add(args) => args.run(config),
            Self::Remove(args) => args.run(),
            Self::List(args) => args.run(),
        }
    }
}

/// Sets up `client` to use `profile`, as `client add` does.
pub(super) fn set_up(
    client: Client,
    profile: &str,
    config: Option<&Path>,
) -> Result<Exit, CliError> {
    add::AddArgs::of(client, profile).run(config)
}
