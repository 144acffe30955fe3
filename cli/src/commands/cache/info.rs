//! `orchestration cache info`

use clap::Args;
use orchestration_runtime::sanitize_path;

use super::error::{CacheError, cache};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, text};

const HELP: &str = "\
Exit status: 0 success, 2 the cache can't be read

Examples:
  orchestration cache info";

/// Show the cache's location and size
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct InfoArgs {}

impl InfoArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let info = cache()?.info().map_err(CacheError::from)?;
        stdout::print(&text::fields(&[
            ("Directory", sanitize_path(&info.directory)),
            ("Entries", info.entries.to_string()),
            ("Size", text::size(info.bytes)),
            ("Limit", text::size(info.max_bytes)),
        ]))?;
        Ok(Exit::Fine)
    }
}
