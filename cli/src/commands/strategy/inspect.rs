//! `orchestration strategy inspect`: what a component is, before you trust it.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use orchestration_runtime::{ProvidersToml, Reference};

use super::component::Named;
use super::outline::{outline, outline_of_published};
use super::published::{Found, keys};
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::stdout;

const HELP: &str = "\
Of the component's code only `describe` runs, under the default limits and
without grants. A component in a registry is not even fetched: its config lists
what it imports, and `strategy add` checks that this is true.

Exit status: 0 it can be used as a strategy, 2 the file can't be read, or the
registry does not give it, 3 it can't be used; stderr says why

Examples:
  orchestration strategy inspect corp-sso.wasm
  orchestration strategy inspect oci://ghcr.io/acme/corp-sso:1.2";

/// Inspect a component before you trust it
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct InspectArgs {
    /// The component: a file, or oci://HOST/REPOSITORY:TAG
    #[arg(value_name = "COMPONENT")]
    file: PathBuf,

    /// Send no requests: use what is on this machine
    #[arg(long)]
    offline: bool,

    /// Check that it is signed by this public key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    verify_key: Option<PathBuf>,
}

impl InspectArgs {
    /// Shows what is known, then fails if the component can't be used as a strategy.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let file = match Named::by(&self.file)? {
            Named::File(file) => file,
            Named::Published(reference) => return self.published(&reference),
        };
        // The configuration does not matter for a single file.
        let host = Host::of(ProvidersToml::built_in())?;
        let inspection = host.run(host.registry.inspect(&file))?;
        stdout::print(&outline(&inspection))?;
        inspection.description?;
        Ok(Exit::Fine)
    }

    fn published(&self, reference: &Reference) -> Result<Exit, CliError> {
        let host = Host::online(ProvidersToml::built_in())?;
        let found = Found::at(&host, reference, self.offline)?;
        stdout::print(&outline_of_published(&found.published))?;
        let keys = keys(&host.providers, reference, self.verify_key.as_deref())?;
        found.verify(&host, &keys)?;
        Ok(Exit::Fine)
    }
}
