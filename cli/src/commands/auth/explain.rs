//! `orchestration auth explain`: traces how a profile's credential is found.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::trace;
use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::notes::Steps;

const HELP: &str = "\
Steps, in the order in which they happened
  granted   a variable that the strategy may read, and what grants it
  loaded    the component was read, then compiled or taken from the cache
  asked     the strategy asked for a variable: granted or denied, found or not
            set; or it called a part of WASI, which holds none of your data
  called    the host called a function of the strategy, with the time it took

Values are never shown.

Exit status: 0 the credential was found or is not needed, 1 it is not valid,
2 usage or configuration error, 3 the strategy failed

Examples:
  orchestration auth explain openrouter
  orchestration -v auth explain corp";

/// Trace how a profile's credential is found
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ExplainArgs {
    /// The profile, as listed by `auth status`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,
}

impl ExplainArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>, steps: &Steps) -> Result<Exit, CliError> {
        let host = Host::until_exit(config, false)?;
        let profile = host.providers.profile(&self.profile)?.clone();
        let granter = format!("[strategies.{}]", profile.auth_type);
        host.run(trace::run(profile, &host.registry, steps, &granter, |_| Ok(())))
    }
}
