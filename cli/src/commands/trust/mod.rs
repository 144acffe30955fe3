//! `orchestration trust`: shows what a project's providers.toml changes, and records
//! that the user trusts it.
//!
//! Trusting it lets a stranger use the user's keys, so the command shows how: which
//! key goes to which host, which code may read which variables, and what was before.

mod prompt;
mod words;

use std::io::{self, IsTerminal};

use clap::Args;
use orchestration_runtime::{ProjectFile, ProvidersToml, Trust, Unused, sanitize_path};

use crate::config::why_unused;
use crate::edited_file::directory_of;
use crate::error::CliError;
use crate::exit::Exit;
use crate::remedy;
use crate::ui::{question, stdout, style};

const HELP: &str = "\
Trusts the first .orchestration/providers.toml in this directory or a parent. It
then overrides your own providers.toml. What is trusted is its path and its
SHA-256, so a changed file has to be trusted again; until then it is not even
parsed. A file named with --config or $ORCHESTRATION_CONFIG needs no trust, and
replaces both.

Exit status: 0 it is trusted, 2 it is not

Examples:
  orchestration trust            show what it changes, then ask for confirmation
  orchestration trust --revoke   revoke the trust";

/// Trust a project's providers.toml
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct TrustArgs {
    /// Trust it without confirmation
    #[arg(short, long)]
    yes: bool,

    /// Revoke the trust
    #[arg(long, conflicts_with = "yes")]
    revoke: bool,
}

/// Why a project's file was not trusted.
#[derive(Debug, thiserror::Error)]
enum TrustError {
    /// There is no such file.
    #[error("no .orchestration/providers.toml in this directory or any parent")]
    NoProject,
    /// It can't be trusted at all.
    #[error("{}", why_unused(.0))]
    Unusable(Unused),
    /// No one can be asked.
    #[error("cannot ask for confirmation: stdin is not a terminal")]
    NotATerminal,
    /// The answer was no.
    #[error("not trusted")]
    Declined,
    /// The current directory is gone, or above it is one that can't be read.
    #[error("cannot tell which directory this is: {0}")]
    NoDirectory(#[source] io::Error),
    /// The answer can't be read.
    #[error("cannot read the answer: {0}")]
    Unreadable(#[source] io::Error),
    /// The decision could not be saved.
    #[error("could not save the decision: {0}")]
    Record(#[source] io::Error),
}

impl From<TrustError> for CliError {
    fn from(error: TrustError) -> Self {
        let hint = match error {
            TrustError::NoProject | TrustError::NoDirectory(_) => {
                Some(remedy::ENTER_PROJECT.to_owned())
            }
            TrustError::NotATerminal => Some(remedy::TRUST_UNASKED.to_owned()),
            TrustError::Unusable(_)
            | TrustError::Declined
            | TrustError::Unreadable(_)
            | TrustError::Record(_) => None,
        };
        Self::usage(error).with_hint(hint)
    }
}

impl TrustArgs {
    /// Runs the command for the project of the current directory.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let here = std::env::current_dir().map_err(TrustError::NoDirectory)?;
        let file = ProjectFile::find(&here).map_err(TrustError::Unusable)?;
        let file = file.ok_or(TrustError::NoProject)?;
        let path = sanitize_path(file.path());
        if self.revoke {
            let known = file.distrust().map_err(TrustError::Record)?;
            let outcome = if known { "is no longer trusted" } else { "was not trusted" };
            stdout::print(&format!("{path} {outcome}\n"))?;
            return Ok(Exit::Fine);
        }
        stdout::print(&asks_for(&file)?)?;
        if file.trust() == Trust::Trusted {
            stdout::print(&format!("{} {path} is already trusted\n", style::good()))?;
            return Ok(Exit::Fine);
        }
        if !self.yes {
            confirm()?;
        }
        file.trust_it().map_err(TrustError::Record)?;
        stdout::print(&format!("{} trusted {path}\n", style::good()))?;
        Ok(Exit::Fine)
    }
}

fn confirm() -> Result<(), CliError> {
    if !io::stdin().is_terminal() {
        return Err(TrustError::NotATerminal.into());
    }
    let is_trusted = question::is_confirmed("Trust it?").map_err(TrustError::Unreadable)?;
    if is_trusted { Ok(()) } else { Err(TrustError::Declined.into()) }
}

/// The file, and what it changes in what the user has without it.
fn asks_for(file: &ProjectFile) -> Result<String, CliError> {
    let own = ProvidersToml::of_user()?;
    let with_file = file.over(&own)?;
    let project = directory_of(directory_of(file.path()));
    let changes = prompt::shown(&with_file.changes_from(&own), project);
    Ok(format!("File      {}\n{changes}", sanitize_path(file.path())))
}
