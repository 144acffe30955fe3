//! `orchestration session remove`

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{NotRemoved, Sessions};

use super::stored::{Known, SessionError, known_of, sessions};
use crate::complete;
use crate::error::CliError;
use crate::exit::Exit;
use crate::remedy;
use crate::ui::{stderr, stdout, style};

const HELP: &str = "\
Removes the sessions of the profile from this machine. The server that issued them is
not told: to end them there as well, sign out at the server.

Exit status: 0 removed, 2 there is no session, or it can't be removed

Examples:
  orchestration session remove corp
  orchestration session remove corp --auth-type corp-sso
  orchestration session remove corp --force";

/// Remove the session of a profile
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RemoveArgs {
    /// The profile, as listed by `session list`
    #[arg(add = ArgValueCandidates::new(complete::sessions))]
    profile: String,

    /// Remove only the session of this strategy
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(complete::auth_types))]
    auth_type: Option<String>,

    /// Forget it even if its keyring is of no use, and leave there what it has
    #[arg(long)]
    force: bool,
}

impl RemoveArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let mut known = known_of(&self.profile)?;
        if let Some(auth_type) = &self.auth_type {
            known.retain(|known| known.record.tie.auth_type == *auth_type);
        }
        if known.is_empty() {
            return Err(SessionError::None(self.profile.clone()).into());
        }
        let sessions = sessions()?;
        known.iter().try_for_each(|session| self.remove(&sessions, session))?;
        Ok(Exit::Fine)
    }

    fn remove(&self, sessions: &Sessions, session: &Known) -> Result<(), CliError> {
        let left = match sessions.remove(&session.path) {
            Ok(()) => None,
            Err(NotRemoved::File(error)) => return Err(SessionError::from(error).into()),
            Err(NotRemoved::Keyring(fault)) if self.force => {
                sessions.forget(&session.path).map_err(SessionError::from)?;
                Some(fault)
            }
            Err(NotRemoved::Keyring(fault)) => {
                return Err(SessionError::Keyring { profile: session.profile(), fault }.into());
            }
        };
        removed(session, left.is_none())?;
        if let Some(fault) = left {
            let what = format!("what the keyring has of it is still there: {fault}");
            stderr::warning(&what, Some(remedy::REMOVE_ITEM));
        }
        Ok(())
    }
}

/// Says what was removed.
fn removed(session: &Known, is_out_of_keyring: bool) -> Result<(), CliError> {
    let account = session.record.account().map(|account| format!(", {account}"));
    let in_keyring = session.record.keyring.as_ref().filter(|_| is_out_of_keyring);
    let keeper = in_keyring.map(|_| ", and from the keyring");
    stdout::print(&format!(
        "{} removed the {} of {} at {}{}{}\n",
        style::good(),
        session.kept(),
        session.profile(),
        session.place(),
        account.unwrap_or_default(),
        keeper.unwrap_or_default()
    ))?;
    Ok(())
}
