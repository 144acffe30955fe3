//! The arguments of `auth check`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;

use crate::complete::profiles;

pub(super) const HELP: &str = "\
Made for pipelines: asks each profile for its own credential, as `auth status`
does, and fails unless every one is valid.

Exit status: 0 every profile passed, 1 a credential is not valid or ends too
soon, 2 wrong use or configuration, 3 a strategy failed; with --verify, 4 none is
invalid, but a provider did not say so; the same in every format

Examples:
  orchestration auth check
  orchestration auth check openai corp --require-expiry 24h
  orchestration auth check --locked --no-builtin-profiles --format github
  orchestration auth check --format junit > credentials.xml";

/// What `auth check` is asked.
#[derive(Debug, Args)]
pub(crate) struct AuthCheckArguments {
    /// Check these profiles alone
    #[arg(value_name = "PROFILE", add = ArgValueCandidates::new(profiles))]
    pub(crate) profiles: Vec<String>,

    /// Ask the providers too whether they take the credentials
    #[arg(long)]
    pub(crate) verify: bool,

    /// Fail what is known to end sooner than this, e.g. 30m, 24h or 7days
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) require_expiry: Option<Duration>,

    /// Let a profile pass whose credential is missing
    #[arg(long)]
    pub(crate) allow_missing: bool,

    /// How to report; jsonl is one object a line, github annotates a workflow, and
    /// `orchestration schema status` describes the JSON
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,

    #[command(flatten)]
    pub(crate) policy: Policy,
}

/// What a pipeline does not let pass, whatever else is well.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct Policy {
    /// Refuse profiles that providers.toml does not have, and strategies that
    /// are not pinned by digest
    #[arg(long)]
    pub(crate) locked: bool,

    /// Refuse whatever would use the network: --verify
    #[arg(long, conflicts_with = "verify")]
    pub(crate) offline: bool,

    /// Leave out the built-in profiles that providers.toml does not have
    #[arg(long)]
    pub(crate) no_builtin_profiles: bool,
}

/// How a check is reported. The values have no help of their own, so that clap
/// writes each option on one line and the page fits a screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    #[default]
    Table,
    Json,
    Jsonl,
    Junit,
    Github,
    Sarif,
}

fn duration(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}
