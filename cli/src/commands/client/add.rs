//! `orchestration client add`

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::error::ClientError;
use super::kind::Client;
use super::settings::Settings;
use super::setup::Setup;
use crate::complete::profiles;
use crate::config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, style, text};

const HELP: &str = "\
Writes the lines that the client needs to run `orchestration auth token`, and the
base URL of the profile, so that its key goes nowhere else. Everything else in the
file is kept, and a copy of the file as it was is put beside it, with
.before-orchestration at the end of its name. A setting of the same name that this
program did not write is an error.

A client uses one profile; adding it again changes which. gemini and llm have no
setting for a command: run them with `orchestration run`.

Exit status: 0 written, or there already, 2 usage or configuration error

Examples:
  orchestration client add claude-code --profile anthropic
  orchestration client add codex --profile openai --print";

/// What the name of the copy of a settings file ends with.
pub(super) const COPY: &str = ".before-orchestration";

/// Write a client's settings
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct AddArgs {
    /// The client
    client: Client,

    /// The profile that it uses, as listed by `auth status`
    #[arg(long, add = ArgValueCandidates::new(profiles))]
    profile: String,

    /// Print the lines, and write nothing
    #[arg(long)]
    print: bool,
}

impl AddArgs {
    /// The arguments that set up `client` to use `profile`.
    pub(super) fn of(client: Client, profile: &str) -> Self {
        Self { client, profile: profile.to_owned(), print: false }
    }

    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let providers = config::discover(config)?;
        let profile = providers.profile(&self.profile)?;
        let setup = Setup::of(self.client, profile, config)?;
        if self.print {
            let lines = self.client.added("", &setup);
            stdout::print(&lines.map_err(|error| CliError::usage(error.to_string()))?)?;
            return Ok(Exit::Fine);
        }
        stdout::print(&self.write(&setup)?)?;
        Ok(Exit::Fine)
    }

    fn write(&self, setup: &Setup) -> Result<String, CliError> {
        let settings = Settings::of(self.client)?;
        let path = settings.file.path().to_owned();
        let (client, file) = (self.client, text::link(&path));
        if settings.setup.as_ref() == Some(setup) {
            return Ok(format!("{client} uses {} already, see {file}\n", self.profile));
        }
        let new = settings.with(setup)?;
        let copy = match client {
            // Nothing of it is the user's.
            Client::Opencode => None,
            _ => settings.file.keep_copy(COPY).map_err(ClientError::from)?,
        };
        settings.file.replace(new.as_bytes()).map_err(ClientError::from)?;
        let copy = copy.map(|copy| format!("  as it was: {}\n", text::link(&copy)));
        let done = format!("{} {client} uses {}, see {file}\n", style::good(), self.profile);
        Ok(done + &copy.unwrap_or_default())
    }
}
