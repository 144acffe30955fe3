//! `orchestration cache clear`

use clap::Args;
use orchestration_runtime::CacheInfo;

use super::error::{CacheError, cache};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, text};

const HELP: &str = "\
Strategies are compiled again when they are next used.

Exit status: 0 success, 2 a file can't be removed

Examples:
  orchestration cache clear";

/// Remove all compiled code
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ClearArgs {}

impl ClearArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let CacheInfo { directory, entries, bytes, .. } =
            cache()?.clear().map_err(CacheError::from)?;
        let noun = if entries == 1 { "entry" } else { "entries" };
        let (size, directory) = (text::size(bytes), directory.display());
        stdout::print(&format!("removed {entries} {noun}, {size}, from {directory}\n"))?;
        Ok(Exit::Fine)
    }
}
