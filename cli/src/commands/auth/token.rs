//! `orchestration auth token`: prints a profile's key, for a script or another program.
//!
//! No other command writes a secret, but for `credential-helper`. A script pipes it on; a
//! terminal would keep it in its scrollback, in a recording, or on a shared screen, so
//! printing it there takes a flag.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::answer::ask;
use super::token_format::TokenFormat;
use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::remedy;
use crate::ui::{stderr, stdout};

const HELP: &str = "\
Formats:
  plain       the secret `api_key` of the credential, or else its first secret,
              and a newline; nothing if the profile needs no key
  json        every secret by its name, with source and expiry
  headers     the header that carries the key, for Claude Code's headersHelper
  aws         for `credential_process` of the AWS SDKs
  kubernetes  an ExecCredential, for kubectl

Refuses to print to a terminal, where others may read the key. A key without a
known end meets every --min-validity.

Exit status: 0 printed or not needed, 1 the credential is not valid,
2 usage or configuration error, 3 the strategy failed

Examples:
  orchestration auth token openai | wl-copy
  orchestration auth token --format headers anthropic
  curl -H @<(echo \"Authorization: Bearer $(orchestration auth token openai)\") URL";

/// Print a profile's key, for a script or another program
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct TokenArgs {
    /// The profile, as listed by `auth status`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,

    /// Output format; see below
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: TokenFormat,

    /// Renew a key that expires within this duration, e.g. 10m, or fail
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    min_validity: Option<Duration>,

    /// Print to a terminal too, where others may see the key
    #[arg(long)]
    show_token: bool,
}

impl TokenArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::until_exit(config, false)?;
        let profile = host.providers.profile(&self.profile)?.clone();
        if io::stdout().is_terminal() && !self.show_token {
            let name = &profile.name;
            let message = format!("refusing to print the key of '{name}' to a terminal");
            return Err(CliError::usage(message).with_hint(remedy::SHOW_TOKEN.to_owned()));
        }
        let answer =
            host.run(ask(profile, host.registry.clone(), self.min_validity.unwrap_or_default()));
        match self.format.printed(&answer.profile, &answer.credentials?)? {
            Some(document) => stdout::print_secret(&document)?,
            None => {
                let name = &answer.profile.name;
                stderr::note(&format!("No authentication required for {name} profile"));
            }
        }
        Ok(Exit::Fine)
    }
}
