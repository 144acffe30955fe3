//! `orchestration session`

mod checkup;
mod document;
mod list;
mod remove;
mod show;
mod stored;

use clap::Subcommand;

pub(super) use checkup::check;
pub(super) use document::SessionList;
pub(super) use stored::{SessionError, sessions, summaries};

use super::deferred::Deferred;
use crate::error::CliError;
use crate::exit::Exit;

const HELP: &str = "\
A strategy keeps a session for each profile that it signs in, such as a refresh token. A
key that `auth login --store` stored is kept in the same way.
Sessions are files in $XDG_STATE_HOME/orchestration/sessions or
~/.local/state/orchestration/sessions, which only you can read; after `auth login
--keyring`, their secrets are in the keyring of the desktop. No command shows a secret
of a session.

Exit status: 0 success, 2 a session can't be read or removed, or there is none

Examples:
  orchestration session list
  orchestration session show corp
  orchestration session remove corp";

/// Manage the sessions of strategies
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum SessionCommand {
    List(Deferred<list::ListArgs>),
    Show(Deferred<show::ShowArgs>),
    Remove(Deferred<remove::RemoveArgs>),
}

impl SessionCommand {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, CliError> {
        match self {
            Self::List(args) => args.run(),
            Self::Show(args) => args.run(),
            Self::Remove(args) => args.run(),
        }
    }
}
