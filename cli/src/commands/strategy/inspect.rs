//! `orchestration strategy inspect`: what a component is, before you trust it.

use std::path::PathBuf;

use clap::Args;
use orchestration_runtime::ProvidersToml;

use super::outline::outline;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::stdout;

const HELP: &str = "\
Of the component's code only `describe` runs, under the default limits and
without grants.

Exit status: 0 it can be used as a strategy, 2 the file can't be read,
3 it can't be used; stderr says why

Examples:
  orchestration strategy inspect corp-sso.wasm";

/// Inspect a component before you trust it
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct InspectArgs {
    /// The component
    file: PathBuf,
}

impl InspectArgs {
    /// Shows what is known, then fails if the file can't be used as a strategy.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        // The configuration does not matter for a single file.
        let host = Host::of(ProvidersToml::built_in())?;
        let inspection = host.run(host.registry.inspect(&self.file))?;
        stdout::print(&outline(&inspection))?;
        inspection.description?;
        Ok(Exit::Fine)
    }
}
