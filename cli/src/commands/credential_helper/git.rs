//! `orchestration credential-helper git`: the protocol of git-credential.
//!
//! Lines of `key=value` on stdin, and the same on stdout. Since git 2.46 a helper can hand out
//! a token as what it is, `authtype=Bearer`, to a git that says that it understands this;
//! others get it as a password.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;

use super::asked::{Found, GET, find, question};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stdout;

/// Answer git
#[derive(Debug, Args)]
pub(crate) struct GitArgs {
    /// What git wants: `get`; anything else has no effect
    action: String,
}

impl GitArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        // git says that a helper ignores what it does not know.
        if self.action != GET {
            return Ok(Exit::Fine);
        }
        let question = question()?;
        let value = |name| {
            let lines = question.lines().filter_map(|line| line.split_once('='));
            lines.filter(|(known, _)| *known == name).map(|(_, value)| value).next_back()
        };
        let (Some(protocol), Some(host)) = (value("protocol"), value("host")) else {
            return Ok(Exit::Fine);
        };
        let url = format!("{protocol}://{host}/{}", value("path").unwrap_or_default());
        let takes_tokens = question.lines().any(|line| line == "capability[]=authtype");
        if let Some(found) = find(&url, config)? {
            stdout::print_secret(&answer(&found, takes_tokens, value("username")).into())?;
        }
        Ok(Exit::Fine)
    }
}

fn answer(found: &Found, takes_tokens: bool, user: Option<&str>) -> String {
    let key = found.key.expose();
    let credential = if takes_tokens {
        format!("capability[]=authtype\nauthtype=Bearer\ncredential={key}\n")
    } else {
        let user = user.map_or_else(|| found.user(), str::to_owned);
        format!("username={user}\npassword={key}\n")
    };
    let end = found.credentials.expires_at().and_then(seconds);
    let end = end.map(|seconds| format!("password_expiry_utc={seconds}\n"));
    credential + &end.unwrap_or_default()
}

fn seconds(time: SystemTime) -> Option<u64> {
    time.duration_since(UNIX_EPOCH).as_ref().map(Duration::as_secs).ok()
}
