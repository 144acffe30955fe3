//! The command line, and its help.

mod check;
mod complete;
mod doctor;
mod kit;
mod profile;
mod schema;
mod status;
mod trust;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCandidates;

pub(crate) use check::{AuthCheckArguments, CheckFormat, Policy};
pub(crate) use complete::{ManArguments, Shell};
pub(crate) use kit::{CheckArguments, Language, NewArguments, ReportFormat, RunArguments};
pub(crate) use profile::{AddProfileArguments, Preset, ProfileCommand};
pub(crate) use schema::Schema;
pub(crate) use status::{StatusArguments, StatusFormat};
pub(crate) use trust::TrustArguments;

use crate::complete::{auth_types, profiles, strategies};

const EXAMPLES: &str = "\
Examples:
  orchestration auth status              how every profile stands
  orchestration auth login openrouter    is its credential there, and how to set it
  orchestration auth explain openrouter  what was asked for on the way, step by step
  orchestration strategy list            which strategies there are

Files:
  providers.toml   profiles of your own, from --config, $ORCHESTRATION_CONFIG,
                   $XDG_CONFIG_HOME/orchestration/ or ~/.config/orchestration/

Exit status: 0 fine, 1 a credential is not valid, 2 wrong use or
configuration, 3 a strategy failed, 4 a credential was not verified";

const AUTH_EXAMPLES: &str = "\
Examples:
  orchestration auth status              how every profile stands
  orchestration auth login openrouter    is its credential there, and how to set it
  orchestration auth status --verify     the same, asked of the providers themselves
  orchestration auth explain openrouter  what was asked for on the way, step by step
  orchestration auth token openai        its key alone, for a script
  orchestration auth exec openai -- cmd  cmd with its key, and with no other profile's";

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

    /// Talk with a model, with the credential of a profile
    #[command(after_help = SPAWN_HELP)]
    Spawn(SpawnArguments),

    /// See and change where providers are and which variables hold their keys
    #[command(subcommand, after_help = profile::HELP)]
    Profile(ProfileCommand),

    /// Take in strategies that others wrote, and look at them first
    #[command(subcommand, after_help = STRATEGY_HELP)]
    Strategy(StrategyCommand),

    /// See or clear the compiled code of strategies
    #[command(subcommand, after_help = CACHE_HELP)]
    Cache(CacheCommand),

    /// Let the providers.toml of the project that you are in count
    #[command(after_help = trust::HELP)]
    Trust(TrustArguments),

    /// Look for what is wrong around the credentials, and say how to mend it
    #[command(after_help = doctor::HELP)]
    Doctor,

    /// Print what makes your shell complete profiles and auth types
    #[command(after_help = complete::HELP)]
    Completions {
        /// Your shell
        #[arg(value_enum)]
        shell: Shell,
    },

    /// Write manual pages
    #[command(after_help = complete::MAN_HELP)]
    Man(ManArguments),

    /// Describe the JSON of other commands, as JSON Schema
    #[command(after_help = schema::HELP)]
    Schema {
        /// Whose JSON
        #[arg(value_enum)]
        schema: Schema,
    },
}

const LOGIN_HELP: &str = "\
Exit status: 0 the credential is there or not needed, 1 it is not valid,
2 wrong use or configuration, 3 the strategy failed; with --verify, 4 its
provider did not say whether it is valid

Examples:
  orchestration auth login openai
  orchestration auth login openai --verify
  orchestration auth login local && echo ready";

#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Show how every profile stands: valid, missing, invalid or error
    #[command(after_help = status::HELP)]
    Status(StatusArguments),

    /// Fail unless every profile is valid, and report it for CI
    #[command(after_help = check::HELP)]
    Check(AuthCheckArguments),

    /// Check one profile's credential, and say how to set it where it is missing
    #[command(after_help = LOGIN_HELP)]
    Login {
        /// The profile, as `auth status` names it
        #[arg(add = ArgValueCandidates::new(profiles))]
        profile: String,

        /// Ask the provider whether it takes the credential
        #[arg(long)]
        verify: bool,
    },

    /// Show step by step what a profile's strategy was granted, asked for and got
    #[command(after_help = EXPLAIN_HELP)]
    Explain {
        /// The profile, as `auth status` names it
        #[arg(add = ArgValueCandidates::new(profiles))]
        profile: String,
    },

    /// Print a profile's key alone, for a script
    #[command(after_help = TOKEN_HELP)]
    Token {
        /// The profile, as `auth status` names it
        #[arg(add = ArgValueCandidates::new(profiles))]
        profile: String,

        /// Print it on a terminal too, where others may see it
        #[arg(long)]
        show_token: bool,
    },

    /// Run a command with a profile's key, and with no other profile's
    #[command(after_help = EXEC_HELP)]
    Exec {
        /// The profile, as `auth status` names it
        #[arg(add = ArgValueCandidates::new(profiles))]
        profile: String,

        /// The command and its arguments
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

impl AuthCommand {
    /// Whether providers are asked.
    pub(crate) fn verifies(&self) -> bool {
        match self {
            Self::Status(StatusArguments { verify, .. })
            | Self::Check(AuthCheckArguments { verify, .. })
            | Self::Login { verify, .. } => *verify,
            _ => false,
        }
    }
}

const TOKEN_HELP: &str = "\
Prints the secret `api_key` of the credential, or else its first, and a line
break. Where a profile needs no key, nothing is printed. A terminal is refused,
since what it shows stays there to be read.

Exit status: 0 printed or not needed, 1 the credential is not valid,
2 wrong use or configuration, 3 the strategy failed

Examples:
  orchestration auth token openai | wl-copy
  curl -H @<(echo \"Authorization: Bearer $(orchestration auth token openai)\") URL";

const EXEC_HELP: &str = "\
The command gets the key in the variable that the profile names, or in
OPENAI_API_KEY where it names none. A credential of several secrets has the
others beside it, e.g. `session` in OPENAI_API_KEY_SESSION. Variables that other
profiles name, or that are granted to other strategies, are taken out of its
environment; all else it inherits.

Exit status: that of the command; where it was not run, 1 the credential is not
valid, 2 wrong use or configuration, 3 the strategy failed, 126 the command
can't be run, 127 there is no such command

Examples:
  orchestration auth exec openrouter -- python chat.py
  orchestration auth exec corp -- sh -c 'OPENAI_API_KEY=$CORP_TOKEN exec tool'";

const EXPLAIN_HELP: &str = "\
Steps, in the order in which they happened
  granted   a variable that the strategy may read, and who lets it
  loaded    its component was read, compiled or taken from the cache
  asked     a variable that it asked for: granted or denied, found or not set;
            or a part of WASI that it called, which gives it nothing of yours
  called    a function of it, and how long that took

No value is ever shown.

Exit status: 0 the credential is there or not needed, 1 it is not valid,
2 wrong use or configuration, 3 the strategy failed

Examples:
  orchestration auth explain openrouter
  orchestration -v auth explain corp";

const SPAWN_HELP: &str = "\
With a message, or one piped in, it is answered once. On a terminal without one
it is a conversation: Ctrl-C stops an answer, Ctrl-D ends it.

The key goes to the profile's base_url and nowhere else: not after a redirect,
and over plain http to this machine only, unless the profile says allow_http.

Exit status: 0 answered, 1 the credential is not valid, 2 wrong use or
configuration, 3 a strategy or the provider failed

Examples:
  orchestration spawn --profile openai --model gpt-5-mini 'Why is the sky blue?'
  git diff | orchestration spawn --profile local --model qwen3 \\
      --system-prompt 'Write a commit message for this change.'
  orchestration spawn --profile openrouter --model openai/gpt-5-mini";

#[derive(Debug, Arguments)]
pub(crate) struct SpawnArguments {
    /// The profile, as `auth status` names it
    #[arg(long, add = ArgValueCandidates::new(profiles))]
    pub(crate) profile: String,

    /// The model that answers; the profile's `default_model` otherwise
    #[arg(long)]
    pub(crate) model: Option<String>,

    /// What the model is told before the conversation
    #[arg(long, value_name = "TEXT")]
    pub(crate) system_prompt: Option<String>,

    /// Where requests go, instead of the profile's `base_url`
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// How the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// What is to be answered
    pub(crate) message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The text, as it arrives
    Text,
    /// A JSON object a line for each piece of text and each tool call
    Json,
}

const STRATEGY_HELP: &str = "\
A strategy is a WebAssembly component. It runs in a sandbox and reads the
variable that a profile names, those that are granted to it, and nothing else.

Exit status: 0 fine, 2 wrong use or configuration, 3 a strategy can't be used

Examples:
  orchestration strategy inspect corp-sso.wasm
  orchestration strategy add corp-sso.wasm --auth-type corp-sso --env CORP_REGION
  orchestration strategy list
  orchestration strategy new corp-sso --lang python   a strategy of your own";

const LIST_HELP: &str = "\
Columns
  From     `built in`, or the component
  Digest   the first digits of the component's SHA-256
  Needs    the variables that the strategy declares
  Grants   those that [strategies.AUTH_TYPE] of providers.toml grants it

Exit status: 0 fine, 2 wrong use or configuration, 3 if a strategy can't be
loaded; stderr says why

Examples:
  orchestration strategy list
  orchestration strategy list --config ./providers.toml";

const INSPECT_HELP: &str = "\
Of the component's code, `describe` alone is run, under the default limits and
with nothing granted.

Exit status: 0 it can be used as a strategy, 2 the file can't be read,
3 it can't be used; stderr says why

Examples:
  orchestration strategy inspect corp-sso.wasm";

const ADD_HELP: &str = "\
Writes [strategies.NAME] with the component's path, its SHA-256 and the granted
variables. What else is in providers.toml, comments too, stays as it is. Adding
a name again takes the new component and keeps its grants and limits.

Limits of a call, with their defaults; set others by hand in providers.toml:
  [strategies.NAME]
  limits = { deadline_ms = 2000, memory_mib = 128 }

  deadline_ms       5000      wall-clock time of a call
  memory_mib        64        all memories together
  table_elements    100000    all tables together
  instances         100       core instances, memories, tables
  stack_kib         512       stack of the strategy's code
  returned_bytes    65536     names and secrets of a credential
  returned_entries  32        secrets of a credential
  hostcall_bytes    1048576   what it passes to the host in one call
  log_bytes         16384     output that is kept
  component_mib     64        size of the component
  compile_seconds   60        time for compiling it

Exit status: 0 added, 2 wrong use or configuration, 3 the file can't be used as
a strategy; providers.toml is left as it was

Examples:
  orchestration strategy add corp-sso.wasm --auth-type corp-sso
  orchestration strategy add corp-sso.wasm --auth-type corp-sso --env CORP_REGION";

const REMOVE_HELP: &str = "\
Takes [strategies.NAME] out of providers.toml and leaves the component where it
is. Profiles that use it are named on stderr.

Exit status: 0 removed, 2 wrong use or configuration, e.g. no such strategy

Examples:
  orchestration strategy remove corp-sso";

#[derive(Debug, Subcommand)]
pub(crate) enum StrategyCommand {
    /// Show every strategy: where it is from, what it needs, what it is granted
    #[command(after_help = LIST_HELP)]
    List,

    /// Look at a component before trusting it
    #[command(after_help = INSPECT_HELP)]
    Inspect {
        /// The component
        file: PathBuf,
    },

    /// Look at a component, and write it into providers.toml
    #[command(after_help = ADD_HELP)]
    Add(AddArguments),

    /// Take a strategy out of providers.toml
    #[command(after_help = REMOVE_HELP)]
    Remove {
        /// The auth type, as `strategy list` names it
        #[arg(add = ArgValueCandidates::new(strategies))]
        name: String,
    },

    /// Write a small project of a strategy of your own
    #[command(after_help = kit::NEW_HELP)]
    New(NewArguments),

    /// Call a component once with a made-up environment, and show what it did
    #[command(after_help = kit::RUN_HELP)]
    Run(RunArguments),

    /// Try whether a component keeps what a strategy promises
    #[command(after_help = kit::CHECK_HELP)]
    Check(CheckArguments),
}

#[derive(Debug, Arguments)]
pub(crate) struct AddArguments {
    /// The component
    pub(crate) file: PathBuf,

    /// The auth type by which profiles will ask for it
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(auth_types))]
    pub(crate) auth_type: String,

    /// Grant it this environment variable; may be given several times
    #[arg(long, value_name = "VAR")]
    pub(crate) env: Vec<String>,
}

const CACHE_HELP: &str = "\
Components from files are compiled once. Their code is kept in
$XDG_CACHE_HOME/orchestration/compiled or ~/.cache/orchestration/compiled, and
the oldest goes where it gets too much.

Exit status: 0 fine, 2 the folder can't be used

Examples:
  orchestration cache info
  orchestration cache clear";

const CACHE_INFO_HELP: &str = "\
Exit status: 0 fine, 2 the folder can't be read

Examples:
  orchestration cache info";

const CACHE_CLEAR_HELP: &str = "\
Strategies are compiled anew when they are next asked for.

Exit status: 0 fine, 2 a file can't be removed

Examples:
  orchestration cache clear";

#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Show where it is, how much is in it and how much may be
    #[command(after_help = CACHE_INFO_HELP)]
    Info,

    /// Remove all of it
    #[command(after_help = CACHE_CLEAR_HELP)]
    Clear,
}
