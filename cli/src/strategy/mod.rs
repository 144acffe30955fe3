//! `orchestration strategy`: strategies from anyone, looked at, taken in, given up.

mod add;
mod check;
mod entry;
mod inspect;
mod list;
mod new;
mod remove;
mod run;
mod template;

use std::path::Path;

use orchestration_runtime::ProvidersToml;

use crate::args::StrategyCommand;
use crate::config;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::host::Host;
use crate::notes::Asked;

pub(crate) use add::quoted;
pub(crate) use list::ask_all;

/// Carries out one command of the group.
pub(crate) fn run(
    command: &StrategyCommand,
    named: Option<&Path>,
    asked: &Asked,
) -> Result<Exit, CliError> {
    match command {
        StrategyCommand::List => {
            let host = Host::of(config::discover(named)?)?;
            host.run(list::run(&host.registry))
        }
        StrategyCommand::Inspect { file } => {
            // A file is looked at by itself, whatever is configured.
            let host = Host::of(ProvidersToml::built_in())?;
            host.run(inspect::run(file, &host.registry))
        }
        StrategyCommand::Add(arguments) => add::run(arguments, named),
        StrategyCommand::Remove { name } => remove::run(name, named),
        StrategyCommand::New(arguments) => new::run(&arguments.name, arguments.lang),
        StrategyCommand::Run(arguments) => run::run(arguments, named, asked),
        StrategyCommand::Check(arguments) => {
            let host = Host::of(ProvidersToml::built_in())?;
            host.run(check::run(arguments, &host.registry))
        }
    }
}
