//! `orchestration auth logout`: ends a session, at the server too, or removes a stored key.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{ProviderProfile, Remedy, SignedOut};

use super::store::refused;
use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::{stderr, stdout, style};

const HELP: &str = "\
The server is told that the tokens are not used any more, where it can be, and
the session is removed from this machine in any case. OpenRouter can't be told:
a warning says where to delete the key. A key that `auth login --store` stored is
removed from this machine; only its provider can revoke it.

Exit status: 0 there is no session or stored key now, 2 usage or configuration
error, 3 it could not be removed

Examples:
  orchestration auth logout corp
  orchestration auth logout --all";

/// Sign out of a profile, or remove its stored key
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct LogoutArgs {
    /// The profile, as listed by `auth status`
    #[arg(required_unless_present = "all", add = ArgValueCandidates::new(profiles))]
    profile: Option<String>,

    /// Sign out of every profile with a session or a stored key
    #[arg(long, conflicts_with = "profile")]
    all: bool,
}

impl LogoutArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::until_exit(config, true)?;
        let profiles: Vec<Arc<ProviderProfile>> = match &self.profile {
            Some(name) => vec![Arc::clone(host.providers.profile(name)?)],
            None => host.providers.profiles().cloned().collect(),
        };
        for profile in profiles {
            if host.registry.takes_stored_key(&profile) {
                self.remove_key(&host, &profile)?;
                continue;
            }
            let signs_in = host.run(host.registry.signs_in(&profile));
            if self.all && !matches!(signs_in, Ok(true)) {
                continue;
            }
            if !signs_in? {
                let message = format!("no one signs in to '{}'", profile.name);
                return Err(CliError::usage(message));
            }
            let signed_out = host.run(host.registry.sign_out(&profile))?;
            self.report(&profile.name, signed_out)?;
        }
        Ok(Exit::Fine)
    }

    fn remove_key(&self, host: &Host, profile: &ProviderProfile) -> Result<(), CliError> {
        let removed = host.run(host.registry.forget_key(profile));
        let name = &profile.name;
        let sentence = match removed.map_err(|error| refused(error, profile))? {
            true => format!("{} Removed the stored key of {name}\n", style::good()),
            false if self.all => return Ok(()),
            false => format!("No key of {name} is stored\n"),
        };
        Ok(stdout::print(&sentence)?)
    }

    fn report(&self, profile: &str, signed_out: SignedOut) -> Result<(), CliError> {
        match signed_out {
            SignedOut::WasNot if self.all => {}
            SignedOut::WasNot => stdout::print(&format!("Not signed in to {profile}\n"))?,
            SignedOut::Everywhere => {
                stdout::print(&format!("{} Signed out of {profile}\n", style::good()))?;
            }
            SignedOut::Here(reason) => {
                stdout::print(&format!("{} Signed out of {profile}\n", style::good()))?;
                let message =
                    format!("the server does not know that: {}", reason.without_profile());
                let hint = match reason.remedy() {
                    Some(Remedy::Hint(hint)) => hint.to_string(),
                    _ => "its tokens are valid until they expire".to_owned(),
                };
                stderr::warning(&message, Some(&hint));
            }
        }
        Ok(())
    }
}
