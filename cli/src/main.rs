//! `orchestration`: resolves and checks the credentials of LLM-provider profiles.
//!
//! Each command is a file in `commands`. It reads arguments, calls the runtime and
//! words the outcome: results go to stdout, everything else to stderr.

mod commands;
mod complete;
mod config;
mod diagnostics;
mod error;
mod exit;
mod host;
mod notes;
mod remedy;
mod report;
mod ui;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use clap_complete::env::CompleteEnv;

use commands::Args;
use error::{CliError, Kind};
use exit::Exit;

fn main() -> ExitCode {
    // If a shell asks for completions, this answers and exits.
    CompleteEnv::with_factory(Args::command).complete();
    match run() {
        Ok(exit) => exit.into(),
        Err(error) => {
            if error.kind() != Kind::ClosedPipe {
                diagnostics::show(&error);
            }
            Exit::from(error.kind()).into()
        }
    }
}

fn run() -> Result<Exit, CliError> {
    match Args::try_parse() {
        Ok(args) => args.run(),
        // Clap reports help and the version as errors, too.
        Err(message) => {
            message.print()?;
            Ok(if message.use_stderr() { Exit::Usage } else { Exit::Fine })
        }
    }
}
