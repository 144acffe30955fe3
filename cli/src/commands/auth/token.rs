//! `orchestration auth token`: prints a profile's key, for a script.
//!
//! The only command that writes a secret. A script pipes it on; a terminal would
//! keep it in its scrollback, in a recording, or on a shared screen, so printing it
//! there takes a flag.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::Secret;

use super::answer::ask;
use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::remedy;
use crate::ui::stdout::OutputError;
use crate::ui::{spinner, stderr};

const HELP: &str = "\
Prints the secret `api_key` of the credential, or else its first secret, and a
newline. Prints nothing if the profile needs no key. Refuses to print to a
terminal, where others may read the key.

Exit status: 0 printed or not needed, 1 the credential is not valid,
2 usage or configuration error, 3 the strategy failed

Examples:
  orchestration auth token openai | wl-copy
  curl -H @<(echo \"Authorization: Bearer $(orchestration auth token openai)\") URL";

/// Print a profile's key, for a script
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct TokenArgs {
    /// The profile, as listed by `auth status`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,

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
        let answer = host.run(ask(profile, host.registry.clone()));
        match answer.credentials?.key() {
            Some(key) => print(key)?,
            None => {
                let name = &answer.profile.name;
                stderr::note(&format!("No authentication required for {name} profile"));
            }
        }
        Ok(Exit::Fine)
    }
}

/// Writes the key as it is. The line is built in memory that is wiped, and written in
/// one piece: stdout's own buffer is not wiped.
fn print(key: &Secret) -> Result<(), OutputError> {
    let line = Secret::from(format!("{}\n", key.expose()));
    spinner::erase();
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.expose().as_bytes())?;
    Ok(stdout.flush()?)
}
