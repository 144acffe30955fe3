//! The arguments of `profile`.

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::ArgValueCandidates;

use crate::complete::{auth_types, profiles};

pub(super) const HELP: &str = "\
A profile says where a provider is and which variable holds its key. Keys
themselves never go into providers.toml.

Exit status: 0 fine, 2 wrong use or configuration

Examples:
  orchestration profile list
  orchestration profile add --preset groq
  orchestration profile show groq";

const LIST_HELP: &str = "\
Columns
  Variable   the environment variable that holds the key
  From       who has the last word on the profile: nobody, so it is built in, your
             file, that of the project, or a named one: --config,
             $ORCHESTRATION_CONFIG

Exit status: 0 fine, 2 wrong use or configuration

Examples:
  orchestration profile list";

const SHOW_HELP: &str = "\
From says who set a value: a file with the line of the profile in it, the
built-in profile, or nobody (default). A file lies over the built-in profiles;
the trusted file of a project lies over your own. Of headers and options only
the names are shown.

Exit status: 0 fine, 2 wrong use or configuration

Examples:
  orchestration profile show openrouter";

const ADD_HELP: &str = "\
Writes [profiles.NAME] at the end of providers.toml. What else is in it,
comments too, stays as it is.

Exit status: 0 added, 2 wrong use or configuration; providers.toml is left as it
was

Examples:
  orchestration profile add --preset mistral
  orchestration profile add fast --preset groq
  orchestration profile add corp --base-url https://llm.corp.example/v1 --api-key-env CORP_TOKEN";

const REMOVE_HELP: &str = "\
Takes [profiles.NAME] out of providers.toml. A built-in profile is again as it is
built in.

Exit status: 0 removed, 2 wrong use or configuration, e.g. no such profile

Examples:
  orchestration profile remove corp";

const EDIT_HELP: &str = "\
Opens a copy of providers.toml in $VISUAL, $EDITOR or vi, and puts it in place of
the file if it can be loaded.

Exit status: 0 changed or left as it was, 2 it can't be taken; the copy is kept

Examples:
  orchestration profile edit
  EDITOR=nano orchestration profile edit --config ./providers.toml";

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Show every profile: where it leads, which variable holds its key
    #[command(after_help = LIST_HELP)]
    List,

    /// Show one profile, and where each of its values comes from
    #[command(after_help = SHOW_HELP)]
    Show {
        /// The profile, as `profile list` names it
        #[arg(add = ArgValueCandidates::new(profiles))]
        profile: String,
    },

    /// Write a profile into providers.toml
    #[command(after_help = ADD_HELP)]
    Add(AddProfileArguments),

    /// Take a profile out of providers.toml
    #[command(after_help = REMOVE_HELP)]
    Remove {
        /// The profile, as `profile list` names it
        #[arg(add = ArgValueCandidates::new(profiles))]
        profile: String,
    },

    /// Change providers.toml in your editor
    #[command(after_help = EDIT_HELP)]
    Edit,
}

/// What `profile add` is asked.
#[derive(Debug, Args)]
pub(crate) struct AddProfileArguments {
    /// The profile's name; without it, that of the preset
    #[arg(required_unless_present = "preset")]
    pub(crate) name: Option<String>,

    /// A provider that is known; other options change what it says
    #[arg(long, value_enum, hide_possible_values = true)]
    pub(crate) preset: Option<Preset>,

    /// The URL that requests go to
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// The environment variable that holds the key; never the key itself
    #[arg(long, value_name = "VAR")]
    pub(crate) api_key_env: Option<String>,

    /// Which strategy finds the credential
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(auth_types))]
    pub(crate) auth_type: Option<String>,
}

/// Providers that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    Azure,
    Deepseek,
    Groq,
    #[value(name = "lm-studio")]
    LmStudio,
    Mistral,
    Ollama,
    Together,
    Vllm,
    Xai,
}
