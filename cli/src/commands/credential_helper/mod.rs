//! `orchestration credential-helper`: answers programs that ask a helper for the credential
//! of a server.
//!
//! git, docker and bazel do not name a profile, they name a URL. A submodule or an image in a
//! stranger's file can make them ask for any URL, and must get nothing but what belongs to
//! that server: so a profile answers only for the origin of its own base URL, and where two
//! fit equally, neither does.

mod asked;
mod bazel;
mod docker;
mod git;

use std::path::Path;

use clap::Subcommand;

use super::deferred::Deferred;
use crate::error::CliError;
use crate::exit::Exit;

const HELP: &str = "\
Each speaks the protocol of its program, with the question on stdin. The profile
is the one whose base_url has the origin of the URL that the program asks about.
There is no credential if no profile has it, or if several do and none has a
longer path in common with the URL.

Exit status: 0 answered, also without a credential, 1 the credential is not
valid (docker: or there is none), 2 usage or configuration error, 3 the strategy
failed

Examples:
  git config --global credential.https://git.corp.example.helper \\
    '!orchestration credential-helper git'
  printf 'https://registry.corp.example' | orchestration credential-helper docker get";

/// Answer git, docker or bazel, which ask for the credential of a server
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum CredentialHelperCommand {
    Git(Deferred<git::GitArgs>),
    Docker(Deferred<docker::DockerArgs>),
    Bazel(Deferred<bazel::BazelArgs>),
}

impl CredentialHelperCommand {
    /// Runs the command.
    pub(crate) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        match self {
            Self::Git(args) => args.run(config),
            Self::Docker(args) => args.run(config),
            Self::Bazel(args) => args.run(config),
        }
    }
}
