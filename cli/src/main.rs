//! `orchestration`: resolves and checks the credentials of LLM-provider
//! profiles. This crate wires: it reads arguments, calls the runtime and words
//! what comes back. Results go to stdout, everything else to stderr.

mod args;
mod auth;
mod exit;
mod failure;
mod output;
mod verbose;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use exit::Exit;
use failure::CliError;

fn main() -> ExitCode {
    let args = Args::parse();
    if args.verbose {
        verbose::show_notes();
    }
    match run(&args) {
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
    match &args.command {
        Command::Auth(command) => auth::run(command, args.config.as_deref()),
    }
}
