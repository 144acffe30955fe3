//! `orchestration session list`: one row per session.

use clap::Args;
use orchestration_runtime::sanitize;

use super::document::document;
use super::stored::{Known, SessionFormat, known};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stdout;
use crate::ui::table::{Cell, Layout};

const HELP: &str = "\
Columns
  Account    who is signed in, in the words of the strategy, or `(stored key)`
  Where      the issuer of the profile, or the server of its base_url
  Kept In    file or keyring: where its secrets are
  Since      when the user signed in, or stored the key
  Until      when the credential expires
  Renews     yes, if the next one is got without the user

Exit status: 0 success, 2 the sessions can't be read

Examples:
  orchestration session list
  orchestration session list --format json";

const LAYOUT: Layout<8> = Layout {
    header: ["Profile", "Auth Type", "Account", "Where", "Kept In", "Since", "Until", "Renews"],
    widths: [10, 10, 14, 14, 8, 20, 20, 6],
    shortened: &[(3, 12), (2, 10), (0, 8), (1, 8)],
};

/// List who is signed in where, and stored keys
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ListArgs {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: SessionFormat,
}

impl ListArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let sessions = known()?;
        let shown = match self.format {
            SessionFormat::Text => LAYOUT.table(sessions.iter().map(row)),
            SessionFormat::Json => document(&sessions)?,
        };
        stdout::print(&shown)?;
        Ok(Exit::Fine)
    }
}

fn row(session: &Known) -> [Cell<'_>; 8] {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    // The column before says whose words these are.
    let account = session.account(|account| account.quoted().into_owned());
    let since = crate::ui::text::time(session.record.since);
    [
        session.profile().into(),
        sanitize(&session.record.tie.auth_type, []).into(),
        account.into(),
        session.place().into(),
        session.keeper().word().into(),
        or_none(since).into(),
        or_none(session.expires()).into(),
        session.renews().into(),
    ]
}
