//! `orchestration client list`

use clap::Args;
use orchestration_runtime::sanitize;

use super::kind::{Client, WITH_HELPER};
use super::settings::Settings;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stdout;
use crate::ui::table::{Cell, Layout};
use crate::ui::text;

const HELP: &str = "\
Columns
  Profile    the profile that the client uses, or - if it is not set up
  File       the file that says so, or would

Exit status: 0 success, 2 a file can't be read

Examples:
  orchestration client list";

const LAYOUT: Layout<3> = Layout {
    header: ["Client", "Profile", "File"],
    widths: [12, 12, 28],
    shortened: &[(2, 16), (1, 8)],
};

/// List which clients use which profile
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ListArgs {}

impl ListArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let rows: Result<Vec<_>, CliError> = WITH_HELPER.into_iter().map(row).collect();
        stdout::print(&LAYOUT.table(rows?))?;
        Ok(Exit::Fine)
    }
}

fn row(client: Client) -> Result<[Cell<'static>; 3], CliError> {
    let settings = Settings::of(client)?;
    let profile = settings.setup.map(|setup| sanitize(&setup.helper.profile, []).to_string());
    let path = settings.file.path().to_string_lossy();
    Ok([
        client.to_string().into(),
        profile.unwrap_or_else(|| "-".to_owned()).into(),
        sanitize(&text::from_home(&path), []).to_string().into(),
    ])
}
