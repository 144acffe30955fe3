//! `orchestration client remove`

use clap::Args;

use super::add::COPY;
use super::error::ClientError;
use super::kind::{Client, WITH_HELPER};
use super::settings::Settings;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, style, text};

const HELP: &str = "\
Removes what `client add` wrote, and keeps everything else. A copy of the file as
it was is put beside it, with .before-orchestration at the end of its name.

Exit status: 0 removed, or nothing was there, 2 the file can't be changed

Examples:
  orchestration client remove claude-code";

/// Remove a client's settings again
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RemoveArgs {
    /// The client
    client: Client,
}

impl RemoveArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let client = self.client;
        if !WITH_HELPER.contains(&client) {
            stdout::print(&format!("{client} has no settings of this program\n"))?;
            return Ok(Exit::Fine);
        }
        let settings = Settings::of(client)?;
        let file = text::link(settings.file.path());
        if settings.setup.is_none() {
            stdout::print(&format!("nothing of this program is in {file}\n"))?;
            return Ok(Exit::Fine);
        }
        let without = settings.without()?;
        take_out(client, settings, &without)?;
        stdout::print(&format!("{} removed {client} from {file}\n", style::good()))?;
        Ok(Exit::Fine)
    }
}

fn take_out(client: Client, settings: Settings, without: &str) -> Result<(), ClientError> {
    if client == Client::Opencode {
        return Ok(settings.file.remove()?);
    }
    settings.file.keep_copy(COPY)?;
    Ok(settings.file.replace(without.as_bytes())?)
}
