//! `orchestration strategy`: strategies from anyone, looked at, taken in, given up.

mod add;
mod config_file;
mod entry;
mod inspect;
mod list;
mod remove;

use std::path::Path;

use orchestration_runtime::ProvidersToml;

use crate::args::StrategyCommand;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::host::Host;

/// Carries out one command of the group.
pub(crate) fn run(command: &StrategyCommand, config: Option<&Path>) -> Result<Exit, CliError> {
    match command {
        StrategyCommand::List => {
            let host = Host::of(ProvidersToml::discover(config)?)?;
            host.run(list::run(&host.registry))
        }
        StrategyCommand::Inspect { file } => {
            // A file is looked at by itself, whatever is configured.
            let host = Host::of(ProvidersToml::built_in())?;
            host.run(inspect::run(file, &host.registry))
        }
        StrategyCommand::Add(arguments) => add::run(arguments, config),
        StrategyCommand::Remove { name } => remove::run(name, config),
    }
}
