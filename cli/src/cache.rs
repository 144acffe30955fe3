//! `orchestration cache`: the compiled code of strategies.

use orchestration_runtime::{Cache, CacheInfo};

use crate::args::CacheCommand;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;

/// Carries out one command of the group.
pub(crate) fn run(command: &CacheCommand) -> Result<Exit, CliError> {
    let cache = Cache::of_this_user().ok_or(CliError::NoCache)?;
    let said = match command {
        CacheCommand::Info => {
            let info = cache.info().map_err(CliError::Cache)?;
            output::fields(&[
                ("Folder", info.folder.display().to_string()),
                ("Entries", info.entries.to_string()),
                ("Size", output::size(info.bytes)),
                ("Limit", output::size(info.max_bytes)),
            ])
        }
        CacheCommand::Clear => {
            let CacheInfo { folder, entries, bytes, .. } =
                cache.clear().map_err(CliError::Cache)?;
            let noun = if entries == 1 { "entry" } else { "entries" };
            let (size, folder) = (output::size(bytes), folder.display());
            format!("removed {entries} {noun}, {size}, from {folder}\n")
        }
    };
    output::print(&said)?;
    Ok(Exit::Fine)
}
