//! `orchestration auth logout`: ends a session, at the server too.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{ProviderProfile, Remedy, SignedOut};

use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::{stderr, stdout, style};

const HELP: &str = "\
The server is told that the tokens are not used any more, where it can be, and
the session is removed from this machine in any case. OpenRouter can't be told:
a warning says where to delete the key.

Exit status: 0 there is no session now, 2 usage or configuration error, 3 the
session could not be removed

Examples:
  orchestration auth logout corp
  orchestration auth logout --all";

/// Sign out of a profile
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct LogoutArgs {
    /// The profile, as listed by `auth status`
    #[arg(required_unless_present = "all", add = ArgValueCandidates::new(profiles))]
    profile: Option<String>,

    /// Sign out of every profile with a session
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
            let signs_in = host.run(host.registry.signs_in(&profile));
            if self.all && !matches!(signs_in, Ok(true)) {
                continue;
            }
            if !signs_in? {
                let message = format!("nobody signs in to '{}'", profile.name);
                return Err(CliError::usage(message));
            }
            let signed_out = host.run(host.registry.sign_out(&profile))?;
            self.report(&profile.name, signed_out)?;
        }
        Ok(Exit::Fine)
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
