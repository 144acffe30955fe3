//! The command line, and its help.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  orchestration auth status              how every profile stands
  orchestration auth login openrouter    is its credential there, and how to set it

Files:
  providers.toml   profiles of your own, from --config, $ORCHESTRATION_CONFIG,
                   $XDG_CONFIG_HOME/orchestration/ or ~/.config/orchestration/

Exit status: 0 fine, 1 a credential is not valid, 2 wrong use or
configuration, 3 a strategy failed";

const AUTH_EXAMPLES: &str = "\
Examples:
  orchestration auth status              how every profile stands
  orchestration auth login openrouter    is its credential there, and how to set it";

/// Resolve and check the credentials of LLM-provider profiles.
///
/// How a credential is found is decided by an auth strategy: a WebAssembly
/// component that runs in a sandbox and sees only the variables that it is
/// granted.
#[derive(Debug, Parser)]
#[command(name = "orchestration", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Args {
    /// Read profiles from this file instead of the usual providers.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Tell on stderr what happens on the way; never shows a secret
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// See how the credentials of your profiles stand
    #[command(subcommand, after_help = AUTH_EXAMPLES)]
    Auth(AuthCommand),
}

const STATUS_HELP: &str = "\
Status is one of
  valid     there is a credential, or none is needed
  missing   nothing is there
  invalid   the credential is no good, or has expired
  error     the strategy could not run; stderr says why

Each row asks for the profile's own credential: a set OPENAI_API_KEY does not
make other profiles valid.

Exit status: 0 if every profile could be asked and none is invalid (missing
ones are no failure), 1 if one is invalid, 2 wrong use or configuration,
3 if a strategy failed

Examples:
  orchestration auth status
  orchestration auth status --config ./providers.toml";

const LOGIN_HELP: &str = "\
Exit status: 0 the credential is there or not needed, 1 it is not valid,
2 wrong use or configuration, 3 the strategy failed

Examples:
  orchestration auth login openai
  orchestration auth login local && echo ready";

#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Show how every profile stands: valid, missing, invalid or error
    #[command(after_help = STATUS_HELP)]
    Status,

    /// Check one profile's credential, and say how to set it where it is missing
    #[command(after_help = LOGIN_HELP)]
    Login {
        /// The profile, as `auth status` names it
        profile: String,
    },
}
