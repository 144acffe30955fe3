//! `orchestration credential-helper docker`: the protocol of docker-credential-helpers.
//!
//! docker starts a program named `docker-credential-NAME`, so a script of that name calls
//! this one. It wants the words of "not found" on stdout, and acts on them.

use std::path::Path;

use clap::Args;
use serde_json::json;

use super::asked::{GET, find, question};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stdout;

/// What docker recognises as "there is none".
const NOT_FOUND: &str = "credentials not found in native keychain\n";

/// Answer docker
#[derive(Debug, Args)]
pub(crate) struct DockerArgs {
    /// What docker wants: `get` or `list`; what it wants to store is refused
    action: String,
}

impl DockerArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        match self.action.as_str() {
            GET => Self::get(config),
            "list" => {
                stdout::print("{}\n")?;
                Ok(Exit::Fine)
            }
            _ => Err(CliError::usage(format!(
                "docker wants to {} a password, and this helper keeps none",
                self.action.escape_debug()
            ))),
        }
    }

    fn get(config: Option<&Path>) -> Result<Exit, CliError> {
        let question = question()?;
        let server = question.trim();
        // docker leaves the scheme out.
        let url =
            if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
        let found = match find(&url, config) {
            Ok(Some(found)) => found,
            Ok(None) => {
                stdout::print(NOT_FOUND)?;
                return Ok(Exit::NotValid);
            }
            Err(error) => {
                // docker shows what a helper writes to stdout, and nothing of its stderr.
                stdout::print(&format!("{error}\n"))?;
                return Err(error);
            }
        };
        let (user, key) = (found.user(), found.key.expose());
        let answer = json!({ "ServerURL": server, "Username": user, "Secret": key });
        stdout::print_secret(&format!("{answer}\n").into())?;
        Ok(Exit::Fine)
    }
}
