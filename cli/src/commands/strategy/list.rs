//! `orchestration strategy list`: one row per strategy.

use std::path::Path;

use clap::{Args, ValueEnum};
use orchestration_runtime::{Capability, Grant, Status, StrategyInfo, is_variable_name};

use super::document::document;
use super::loaded::load_all;
use crate::config;
use crate::diagnostics;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::table::{Cell, Layout};
use crate::ui::{stdout, style};

const HELP: &str = "\
Columns
  From     `built in`, or the component
  Digest   the first digits of the component's SHA-256
  Needs    the variables that the strategy declares
  Keeps    what is kept for each of its profiles, where only you can read it: a session,
           or the key that you stored
  Grants   what [strategies.AUTH_TYPE] in providers.toml grants it: the text of these
           variables, these files, requests to these servers, the text at these places
           of their answers, and the text of all secrets (`reveal`)

Exit status: 0 success, 2 usage or configuration error, 3 a strategy can't be
loaded; stderr says why

Examples:
  orchestration strategy list
  orchestration strategy list --format json
  orchestration strategy list --config ./providers.toml";

const LAYOUT: Layout<7> = Layout {
    header: ["Auth Type", "Version", "From", "Digest", "Needs", "Keeps", "Grants"],
    widths: [10, 8, 10, 12, 8, 10, 8],
    shortened: &[(2, 8), (6, 8), (4, 8), (3, 8), (0, 8), (1, 7)],
};

/// How many digits of a digest tell two files apart.
const DIGITS: usize = 12;

/// List strategies with their needs and grants
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ListArgs {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Text,
    Json,
}

impl ListArgs {
    /// Shows the strategies; then explains on stderr why strategies can't be loaded.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::of(config::discover(config)?)?;
        let strategies = host.run(load_all(&host.registry));
        let shown = match self.format {
            ListFormat::Text => LAYOUT.table(strategies.iter().map(row)),
            ListFormat::Json => document(&strategies)?,
        };
        stdout::print(&shown)?;
        let mut bad = strategies.iter().filter_map(|strategy| strategy.description.as_ref().err());
        let exit = if bad.clone().next().is_some() { Exit::StrategyFailed } else { Exit::Fine };
        bad.by_ref().for_each(diagnostics::explain);
        Ok(exit)
    }
}

fn row(strategy: &StrategyInfo) -> [Cell<'_>; 7] {
    let (version, needs) = match &strategy.description {
        Ok(said) => (said.version.quoted().into(), declared(&said.environment).into()),
        Err(_) => (style::label(Status::Error), "-".into()),
    };
    let component = strategy.component.as_ref();
    let from = component.map_or("built in".into(), |component| component.to_string().into());
    let digest: String = strategy.sha256.chars().take(DIGITS).collect();
    let auth_type = strategy.auth_type.as_str();
    let keeps = strategy.keeps.map_or("-".to_owned(), |kept| kept.to_string());
    let grants = grants(&strategy.granted);
    [auth_type.into(), version, from, digest.into(), needs, keeps.into(), grants.into()]
}

/// What the strategy declares. It may declare any text; only names are shown.
fn declared(variables: &[String]) -> String {
    let valid: Vec<String> =
        variables.iter().filter(|name| is_variable_name(name)).cloned().collect();
    match variables.len() - valid.len() {
        0 => names(&valid),
        others => format!("{}; {others} not valid", names(&valid)),
    }
}

fn grants(granted: &[Grant]) -> String {
    let word = |grant: &Grant| match grant.capability {
        Capability::Environment | Capability::Files | Capability::Http | Capability::Readable => {
            grant.name.clone()
        }
        Capability::Reveal => grant.capability.toml_key().to_owned(),
    };
    names(&granted.iter().map(word).collect::<Vec<_>>())
}

fn names(variables: &[String]) -> String {
    if variables.is_empty() { "-".to_owned() } else { variables.join(", ") }
}
