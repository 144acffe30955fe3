//! `profile remove NAME`: takes a profile out of providers.toml.

use std::path::Path;

use orchestration_runtime::{ProviderProfile, ProvidersToml};

use super::PROFILES;
use crate::config::{ConfigFile, entry};
use crate::exit::Exit;
use crate::failure::{CliError, EditError};
use crate::output;

/// Takes the entry out.
pub(super) fn run(name: &str, named: Option<&Path>) -> Result<Exit, CliError> {
    let path = ProvidersToml::path(named).ok_or(EditError::NoPlace)?;
    let providers = ProvidersToml::load_if_there(&path)?;
    if providers.place(name).is_none() {
        let names = providers.profiles().map(|profile| &profile.name);
        let available = names.filter(|name| providers.place(name).is_some()).cloned().collect();
        // An argument may hold anything, and ends up on a terminal.
        let name = name.escape_debug().to_string();
        return Err(EditError::UnknownProfile { name, path, available }.into());
    }
    let file = ConfigFile::open(&path)?;
    let text = entry::remove(file.text(), PROFILES, name)?;
    file.replace(&text)?;
    let mut said = format!("{} removed {name} from {}\n", output::good(), output::file(&path));
    if ProviderProfile::built_in().iter().any(|profile| profile.name == name) {
        said += &format!("  {name} is again as it is built in\n");
    }
    output::print(&said)?;
    Ok(Exit::Fine)
}
