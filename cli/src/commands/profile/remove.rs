//! `orchestration profile remove`

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::ProviderProfile;

use crate::complete::profiles;
use crate::config::{self, ConfigFile, EditError, entry};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, style, text};

const HELP: &str = "\
Removes [profiles.NAME] from providers.toml. A built-in profile returns to its
built-in values.

Exit status: 0 removed, 2 usage or configuration error, e.g. no such profile

Examples:
  orchestration profile remove corp";

/// Remove a profile from providers.toml
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RemoveArgs {
    /// The profile, as listed by `profile list`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,
}

impl RemoveArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let name = self.profile.as_str();
        let path = config::path(config)?;
        let file = ConfigFile::open(&path)?;
        let providers = file.providers()?;
        if providers.place(name).is_none() {
            let names = providers.profiles().map(|profile| &profile.name);
            let available = names.filter(|name| providers.place(name).is_some()).cloned().collect();
            // An argument may hold control characters, and is shown on a terminal.
            let name = name.escape_debug().to_string();
            return Err(EditError::UnknownProfile { name, path, available }.into());
        }
        let changed =
            entry::remove(file.text()?, entry::PROFILES, name).map_err(EditError::from)?;
        file.replace(changed.as_bytes())?;
        let mut message = format!("{} removed {name} from {}\n", style::good(), text::link(&path));
        if ProviderProfile::built_in().iter().any(|profile| profile.name == name) {
            message += &format!("  {name} has its built-in values again\n");
        }
        stdout::print(&message)?;
        Ok(Exit::Fine)
    }
}
