//! The arguments of `auth status`.

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;

use crate::complete::profiles;

pub(super) const HELP: &str = "\
Status is one of
  valid     there is a credential, or none is needed
  missing   nothing is there
  invalid   the credential is no good, or has expired
  error     the strategy could not run; stderr says why

With --verify, each provider that a credential is for is asked whether it takes
it, all at once and for ten seconds at most. Status is then also one of
  not required  no key is needed
  unreachable   the provider did not answer; stderr says why
  unknown       it was not asked, or its answer says nothing about the key

Each row asks for the profile's own credential: a set OPENAI_API_KEY does not
make other profiles valid. A table of more than ten rows begins with the
problems and ends with a summary.

Exit status: 0 if every profile could be asked and none is invalid (missing
ones are no failure), 1 if one is invalid, 2 wrong use or configuration,
3 if a strategy failed; with --verify, 4 if none is invalid, but one is
unreachable or unknown; the same in every format

Examples:
  orchestration auth status
  orchestration auth status --verify
  orchestration auth status openai corp
  orchestration auth status --watch
  orchestration auth status --config ./providers.toml
  orchestration auth status --format jsonl | jq 'select(.status != \"valid\")'";

/// What `auth status` is asked.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Show these profiles alone
    #[arg(value_name = "PROFILE", add = ArgValueCandidates::new(profiles))]
    pub(crate) profiles: Vec<String>,

    /// Ask the providers whether they take the credentials
    #[arg(long)]
    pub(crate) verify: bool,

    /// How to show them; jsonl is one object a line, and `orchestration schema
    /// status` describes the JSON
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: StatusFormat,

    /// Stay, and show the table again whenever it is another
    #[arg(long, conflicts_with_all = ["format", "show_masked", "verify"])]
    pub(crate) watch: bool,

    /// Put the first and last characters of each secret into the JSON
    #[arg(long)]
    pub(crate) show_masked: bool,
}

/// How the state of profiles is written. The values have no help of their own, so
/// that clap writes each option on one line and the page fits a screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusFormat {
    #[default]
    Table,
    Json,
    Jsonl,
}
