//! `orchestration profile`: where providers are, and which variables hold their
//! keys.

mod add;
mod edit;
mod list;
mod preset;
mod remove;
mod show;

use std::path::Path;

use orchestration_runtime::Place;

use crate::args::ProfileCommand;
use crate::config;
use crate::exit::Exit;
use crate::failure::CliError;

/// The section of providers.toml.
const PROFILES: &str = "profiles";

/// Carries out one command of the group.
pub(crate) fn run(command: &ProfileCommand, named: Option<&Path>) -> Result<Exit, CliError> {
    match command {
        ProfileCommand::List => list::run(&config::discover(named)?),
        ProfileCommand::Show { profile } => show::run(profile, &config::discover(named)?),
        ProfileCommand::Add(arguments) => add::run(arguments, named),
        ProfileCommand::Remove { profile } => remove::run(profile, named),
        ProfileCommand::Edit => edit::run(named),
    }
}

/// A place as compilers and editors write it.
fn place(place: Place<'_>) -> String {
    format!("{}:{}", place.path.display(), place.line)
}
