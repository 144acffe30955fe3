//! `orchestration session show`: what is known of the sessions of a profile.

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{SessionRecord, quote, sanitize, sanitize_path};

use super::document::document;
use super::stored::{Known, SessionFormat, known_of};
use crate::complete::sessions;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, text};

const HELP: &str = "\
Shows the names of secrets and notes, and no value; those in the keyring are not
read. A session is found by the
strategy whose component has this SHA-256, for a profile with this server and
this issuer.

Exit status: 0 success, 2 there is no session, or it can't be read

Examples:
  orchestration session show corp
  orchestration session show corp --format json";

/// Show the session of a profile, without any secret
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ShowArgs {
    /// The profile, as listed by `session list`
    #[arg(add = ArgValueCandidates::new(sessions))]
    profile: String,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: SessionFormat,
}

impl ShowArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let sessions = known_of(&self.profile)?;
        let shown = match self.format {
            SessionFormat::Text => sessions.iter().map(fields).collect::<Vec<String>>().join("\n"),
            SessionFormat::Json => document(&sessions)?,
        };
        stdout::print(&shown)?;
        Ok(Exit::Fine)
    }
}

fn fields(session: &Known) -> String {
    let record = &session.record;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let given = |text: &str| match text {
        "" => "-".to_owned(),
        text => sanitize(text, []),
    };
    let component = match record.tie.component.as_str() {
        "" => "built in".to_owned(),
        sha256 => given(sha256),
    };
    text::fields(&[
        ("Profile", session.profile()),
        ("Auth type", given(&record.tie.auth_type)),
        ("Account", session.account(ToString::to_string)),
        ("Component", component),
        ("Server", given(&record.tie.server)),
        ("Issuer", given(&record.tie.issuer)),
        ("Since", or_none(text::time(record.since))),
        ("Saved", or_none(text::time(record.saved))),
        ("Until", or_none(session.expires())),
        ("Renews", session.renews().to_owned()),
        ("Secrets", or_in_keyring(record, &record.secret_names())),
        ("Notes", or_in_keyring(record, &record.note_names())),
        ("File", sanitize_path(&session.path)),
    ])
}

/// The keyring is not asked for what it has.
fn or_in_keyring(record: &SessionRecord, found: &[String]) -> String {
    if record.keyring.is_some() { "in the keyring".to_owned() } else { names(found) }
}

/// Names in the words of the strategy.
fn names(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", "),
    }
}
