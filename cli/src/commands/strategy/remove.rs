//! `orchestration strategy remove`

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{is_built_in, sanitize_path};

use crate::complete::strategies;
use crate::config::{self, ConfigFile, EditError, entry};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stderr, stdout, style};

const HELP: &str = "\
Removes [strategies.NAME] from providers.toml, and keeps the component file.
stderr lists the profiles that still use the strategy.

Exit status: 0 removed, 2 usage or configuration error, e.g. no such strategy

Examples:
  orchestration strategy remove corp-sso";

/// Remove a strategy from providers.toml
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RemoveArgs {
    /// The auth type, as listed by `strategy list`
    #[arg(add = ArgValueCandidates::new(strategies))]
    name: String,
}

impl RemoveArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let name = self.name.as_str();
        let path = config::path(config)?;
        let config_file = ConfigFile::open(&path)?;
        let providers = config_file.providers()?;
        if providers.strategies().all(|known| known.auth_type != name) {
            let available = providers.strategies().map(|known| known.auth_type.clone()).collect();
            // An argument may hold control characters, and is shown on a terminal.
            let name = name.escape_debug().to_string();
            return Err(EditError::UnknownStrategy { name, path, available }.into());
        }
        let text =
            entry::remove(config_file.text()?, entry::STRATEGIES, name).map_err(EditError::from)?;
        config_file.replace(text.as_bytes())?;
        stdout::print(&format!(
            "{} removed {name} from {}\n",
            style::good(),
            sanitize_path(&path)
        ))?;
        let left = providers.profiles().filter(|profile| profile.auth_type == name);
        let left: Vec<&str> = left.map(|profile| profile.name.as_str()).collect();
        if !left.is_empty() && !is_built_in(name) {
            warn_of_users(name, &left);
        }
        Ok(Exit::Fine)
    }
}

fn warn_of_users(auth_type: &str, profiles: &[&str]) {
    let noun = if profiles.len() == 1 { "profile" } else { "profiles" };
    let profiles = profiles.join(", ");
    let message = format!("auth type '{auth_type}' is still used by {noun} {profiles}");
    stderr::warning(&message, None);
}
