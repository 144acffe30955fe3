//! `orchestration man FOLDER`: the help of every command as manual pages.

use std::fs;

use clap::CommandFactory;

use crate::args::{Args, ManArguments};
use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;

/// Writes the pages.
pub(crate) fn run(arguments: &ManArguments) -> Result<Exit, CliError> {
    let folder = &arguments.folder;
    let written =
        fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Args::command(), folder));
    written.map_err(|source| CliError::Man { folder: folder.clone(), source })?;
    output::print(&format!("{} wrote manual pages to {}\n", output::good(), folder.display()))?;
    Ok(Exit::Fine)
}
