//! `orchestration`: resolves and checks the credentials of LLM-provider
//! profiles. This crate wires: it reads arguments, calls the runtime and words
//! what comes back. Results go to stdout, everything else to stderr.

mod args;
mod auth;
mod cache;
mod complete;
mod config;
mod doctor;
mod exit;
mod failure;
mod host;
mod man;
mod notes;
mod output;
mod profile;
mod report;
mod schema;
mod spawn;
mod spinner;
mod strategy;
mod table;
mod trust;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, AuthCommand, Command, StrategyCommand};
use exit::Exit;
use failure::CliError;
use notes::Asked;

fn main() -> ExitCode {
    complete::answer();
    let result = match Args::try_parse() {
        Ok(args) => run(&args),
        // Help and the version are such errors too.
        Err(said) => match said.print() {
            Ok(()) if said.use_stderr() => Ok(Exit::Usage),
            Ok(()) => Ok(Exit::Fine),
            Err(error) => Err(error.into()),
        },
    };
    match result {
        Ok(exit) => exit.into(),
        Err(CliError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            // Whoever read the output has read enough, as `head` does.
            Exit::Fine.into()
        }
        Err(error) => {
            failure::show(&error);
            error.exit().into()
        }
    }
}

fn run(args: &Args) -> Result<Exit, CliError> {
    let asked = Asked::default();
    let explains = matches!(args.command, Command::Auth(AuthCommand::Explain { .. }));
    let runs = matches!(args.command, Command::Strategy(StrategyCommand::Run(_)));
    notes::listen(args.verbose, (explains || runs).then(|| asked.clone()), runs);
    let config = args.config.as_deref();
    match &args.command {
        Command::Auth(command) => auth::run(command, config, &asked),
        Command::Spawn(arguments) => spawn::run(arguments, config),
        Command::Profile(command) => profile::run(command, config),
        Command::Strategy(command) => strategy::run(command, config, &asked),
        Command::Cache(command) => cache::run(command),
        Command::Trust(arguments) => trust::run(arguments),
        Command::Doctor => doctor::run(config),
        Command::Completions { shell } => complete::run(*shell),
        Command::Man(arguments) => man::run(arguments),
        Command::Schema { schema } => schema::run(*schema),
    }
}
