//! `orchestration cache info`

use clap::Args;
use orchestration_runtime::{CacheInfo, sanitize_path};

use super::error::{CacheError, cache, store};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, text};

const HELP: &str = "\
Exit status: 0 success, 2 a cache can't be read

Examples:
  orchestration cache info";

/// Show the caches' locations and sizes
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct InfoArgs {}

impl InfoArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let code = cache()?.info().map_err(CacheError::from)?;
        let components = store()?.info().map_err(CacheError::UnusableStore)?;
        let (code, components) = (fields(&code), fields(&components));
        stdout::print(&format!("Compiled code\n{code}\nComponents from registries\n{components}"))?;
        Ok(Exit::Fine)
    }
}

fn fields(info: &CacheInfo) -> String {
    text::fields(&[
        ("Directory", sanitize_path(&info.directory)),
        ("Entries", info.entries.to_string()),
        ("Size", text::size(info.bytes)),
        ("Limit", text::size(info.max_bytes)),
    ])
}
