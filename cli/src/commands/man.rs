//! `orchestration man`: the help of every command as manual pages.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};
use orchestration_runtime::sanitize_path;

use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, style};

const HELP: &str = "\
Writes one page per command, and creates the directory if it does not exist.

Exit status: 0 success, 2 a page can't be written

Examples:
  orchestration man ~/.local/share/man/man1 && man orchestration-auth-check";

/// Generate manual pages
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ManArgs {
    /// The directory to write the pages to
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,
}

impl ManArgs {
    /// Writes the pages of `command` and its subcommands.
    pub(super) fn run(&self, command: Command) -> Result<Exit, CliError> {
        let directory = sanitize_path(&self.directory);
        let written = fs::create_dir_all(&self.directory)
            .and_then(|()| clap_mangen::generate_to(command, &self.directory));
        written.map_err(|error| {
            CliError::usage(format!("cannot write manual pages to {directory}: {error}"))
        })?;
        stdout::print(&format!("{} wrote manual pages to {directory}\n", style::good()))?;
        Ok(Exit::Fine)
    }
}
