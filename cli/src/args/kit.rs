//! The commands for those who write strategies.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as Arguments, ValueEnum};

/// The languages that there are projects in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    Rust,
    C,
    Python,
    #[value(name = "javascript")]
    JavaScript,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Text,
    Json,
}

#[derive(Debug, Arguments)]
pub(crate) struct NewArguments {
    /// Its auth type, and the folder to be made
    pub(crate) name: String,

    /// The language of its source
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Language,
}

#[derive(Debug, Arguments)]
pub(crate) struct CheckArguments {
    /// The component
    pub(crate) file: PathBuf,

    /// How the result is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, Arguments)]
pub(crate) struct RunArguments {
    /// The component
    pub(crate) file: PathBuf,

    /// The profile that it is asked about, as `auth status` names it
    #[arg(long)]
    pub(crate) profile: String,

    /// Make up this variable, and grant it; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<OsString>,
}

pub(super) const NEW_HELP: &str = "\
Makes the folder NAME with all that is needed: the contract of this version,
one source file that is meant to be changed, a build file, cases for `strategy
check`, and a README.md with the commands that lead to a row in `auth status`.
Nothing is written over.

Exit status: 0 fine, 2 wrong use, e.g. NAME is there already

Examples:
  orchestration strategy new corp-sso --lang python";

pub(super) const RUN_HELP: &str = "\
Asks the component for the credential of the profile, whatever strategy that
profile names. It sees the variables of --env and no others: those of your
shell are not there. What it writes is shown on stderr while it runs; its steps
and what came of it are those of `auth explain`.

A value on a command line can be seen by others on this machine: make one up.

Exit status: 0 it answered a credential, 1 that there is none that is valid,
2 wrong use or configuration, 3 it failed

Examples:
  orchestration strategy run corp-sso.wasm --profile corp --env CORP_TOKEN=sk-1234567890";

pub(super) const CHECK_HELP: &str = "\
Calls the component under the default limits with variables that are made up:
unset, empty, set, denied, not Unicode. Each promise is kept or broken, with the
reason. Where the made-up values are not of the component's own format, it has
to bring cases: FILE.cases.toml beside FILE.wasm.

  [[case]]
  name = \"the key of the JSON is found\"
  profile = { api_key_env = \"CORP_JSON\", options = { stage = \"dev\" } }
  env = { CORP_JSON = '{\"key\":\"sk-1234567890\"}' }
  expect = { credentials = { api_key = \"sk-1234567890\" } }   # or { error = \"missing\" }

Exit status: 0 every promise is kept, 2 a file can't be read, 3 one is broken

Examples:
  orchestration strategy check corp-sso.wasm
  orchestration strategy check corp-sso.wasm --format json";
