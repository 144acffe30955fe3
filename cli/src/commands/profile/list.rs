//! `orchestration profile list`: one row per profile. No strategy runs.

use std::path::Path;

use clap::Args;
use orchestration_runtime::{Layer, ProviderProfile, ProvidersToml};

use crate::config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stdout;
use crate::ui::table::{Cell, Layout};
use crate::ui::text;

const HELP: &str = "\
Columns
  Key        the environment variable or the file that holds the key
  From       what defines the profile: `built in`, your file, the project's file,
             or the file named by --config or $ORCHESTRATION_CONFIG

Exit status: 0 success, 2 usage or configuration error

Examples:
  orchestration profile list";

const LAYOUT: Layout<5> = Layout {
    header: ["Profile", "Auth Type", "Key", "Base URL", "From"],
    widths: [12, 10, 18, 28, 10],
    shortened: &[(3, 16), (2, 8), (0, 8), (1, 8)],
};

/// List profiles
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ListArgs {}

impl ListArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let providers = config::discover(config)?;
        let rows = providers.profiles().map(|profile| row(&providers, profile));
        stdout::print(&LAYOUT.table(rows))?;
        Ok(Exit::Fine)
    }
}

fn row<'a>(providers: &ProvidersToml, profile: &'a ProviderProfile) -> [Cell<'a>; 5] {
    let base_url = profile.base_url.as_ref().map(ToString::to_string);
    let from = providers.place(&profile.name).map_or("built in", |place| file(place.layer));
    [
        profile.name.as_str().into(),
        profile.auth_type.as_str().into(),
        key(profile),
        base_url.map_or("-".into(), Cell::from),
        from.into(),
    ]
}

fn key(profile: &ProviderProfile) -> Cell<'_> {
    match (&profile.api_key_env, &profile.api_key_file) {
        (Some(variable), _) => variable.as_str().into(),
        (None, Some(file)) => text::from_home(file.path()).into(),
        (None, None) => "-".into(),
    }
}

/// A path would be too long, and the same in most rows; `profile show` has it.
fn file(layer: Layer) -> &'static str {
    match layer {
        Layer::User => "your file",
        Layer::Project => "project",
        Layer::Variable | Layer::Flag => "named file",
    }
}
