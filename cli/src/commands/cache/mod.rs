//! `orchestration cache`

mod clear;
mod error;
mod info;

use clap::Subcommand;

pub(super) use error::store;

use super::deferred::Deferred;
use crate::error::CliError;
use crate::exit::Exit;

const HELP: &str = "\
Components are compiled once. Their compiled code is kept in
$XDG_CACHE_HOME/orchestration/compiled or ~/.cache/orchestration/compiled, and
components from registries in `components` beside it. The oldest entries are
removed when either exceeds its limit.

Exit status: 0 success, 2 the cache can't be used

Examples:
  orchestration cache info
  orchestration cache clear";

/// Manage compiled strategies and those from registries
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum CacheCommand {
    Info(Deferred<info::InfoArgs>),
    Clear(Deferred<clear::ClearArgs>),
}

impl CacheCommand {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, CliError> {
        match self {
            Self::Info(args) => args.run(),
            Self::Clear(args) => args.run(),
        }
    }
}
