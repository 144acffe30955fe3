//! `orchestration auth refresh`: renews a credential before it is time.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{Renewed, rfc3339};

use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::{stdout, style};

const HELP: &str = "\
Each use of a credential renews it when it is about to end, so this is for trying
whether that works, and after the rights of an account have changed.

Exit status: 0 renewed, or there is nothing to renew, 1 no one is signed in, 2
usage or configuration error, 3 the strategy failed

Example:
  orchestration auth refresh corp";

/// Renew a credential now
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RefreshArgs {
    /// The profile, as listed by `auth status`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,
}

impl RefreshArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::until_exit(config, true)?;
        let profile = host.providers.profile(&self.profile)?;
        let name = &profile.name;
        let sentence = match host.run(host.registry.renew(profile))? {
            Renewed::Nothing => format!("{name} has nothing to renew\n"),
            Renewed::Until(end) => {
                let end = end.and_then(rfc3339);
                let end = end.map(|end| format!(", which is valid until {end}"));
                format!("{} Renewed {name}{}\n", style::good(), end.unwrap_or_default())
            }
        };
        stdout::print(&sentence)?;
        Ok(Exit::Fine)
    }
}
