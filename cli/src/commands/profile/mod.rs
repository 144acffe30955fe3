//! `orchestration profile`

mod add;
mod edit;
mod list;
pub(super) mod new_profile;
mod remove;
mod show;

use std::path::Path;

use clap::Subcommand;

use super::deferred::Deferred;
use crate::error::CliError;
use crate::exit::Exit;

const HELP: &str = "\
A profile names a provider's URL and the variable that holds its key. The keys
themselves never go into providers.toml.

Exit status: 0 success, 2 usage or configuration error

Examples:
  orchestration profile list
  orchestration profile add --preset groq
  orchestration profile show groq";

/// Manage profiles
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum ProfileCommand {
    List(Deferred<list::ListArgs>),
    Show(Deferred<show::ShowArgs>),
    Add(Deferred<add::AddArgs>),
    Remove(Deferred<remove::RemoveArgs>),
    Edit(Deferred<edit::EditArgs>),
}

impl ProfileCommand {
    /// Runs the command.
    pub(crate) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        match self {
            Self::List(args) => args.run(config),
            Self::Show(args) => args.run(config),
            Self::Add(args) => args.run(config),
            Self::Remove(args) => args.run(config),
            Self::Edit(args) => args.run(config),
        }
    }
}
