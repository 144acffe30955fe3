//! `strategy remove NAME`: takes a strategy out of providers.toml.

use std::path::Path;

use orchestration_runtime::{ProvidersToml, is_built_in};

use super::entry::STRATEGIES;
use crate::config::{ConfigFile, entry};
use crate::exit::Exit;
use crate::failure::{self, CliError, EditError};
use crate::output;

/// Takes the entry out, and says which profiles are left without a strategy.
pub(super) fn run(name: &str, config: Option<&Path>) -> Result<Exit, CliError> {
    let path = ProvidersToml::path(config).ok_or(EditError::NoPlace)?;
    let providers = ProvidersToml::load_if_there(&path)?;
    if providers.strategies().all(|known| known.auth_type != name) {
        let available = providers.strategies().map(|known| known.auth_type.clone()).collect();
        // An argument may hold anything, and ends up on a terminal.
        let name = name.escape_debug().to_string();
        return Err(EditError::Unknown { name, path, available }.into());
    }
    let config_file = ConfigFile::open(&path)?;
    let text = entry::remove(config_file.text(), STRATEGIES, name)?;
    config_file.replace(&text)?;
    output::print(&format!("{} removed {name} from {}\n", output::good(), path.display()))?;
    let left = providers.profiles().filter(|profile| profile.auth_type == name);
    let left: Vec<&str> = left.map(|profile| profile.name.as_str()).collect();
    if !left.is_empty() && !is_built_in(name) {
        failure::still_used(name, &left);
    }
    Ok(Exit::Fine)
}
