//! `orchestration`: resolves and checks the credentials of LLM-provider profiles.
//!
//! Each command is a file in `commands`. It reads arguments, calls the runtime and
//! words the outcome: results go to stdout, everything else to stderr.
//!
//! The executable only calls [`main`]. This is a library so that tests can read
//! [`command`], and no command is forgotten by them.

mod commands;
mod complete;
mod config;
mod credential_json;
mod diagnostics;
mod edited_file;
mod error;
mod exit;
mod gateway;
mod host;
mod notes;
mod platform;
mod program;
mod remedy;
mod report;
mod ui;
mod watched_files;

use std::env;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use clap_complete::env::CompleteEnv;

use commands::{Args, MAX_HELP_WIDTH, welcome};
use error::{CliError, Kind};
use exit::Exit;
use platform::{core_dumps, file_size_limit};
use ui::stdout::OutputError;

/// Runs the command line of this process, and returns its exit status.
pub fn main() -> ExitCode {
    core_dumps::turn_off();
    // If a shell asks for completions, this answers and exits.
    CompleteEnv::with_factory(command).complete();
    file_size_limit::outlive_file_size_limit();
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

/// Returns every command with its arguments, hidden ones too, as clap parses them.
pub fn command() -> clap::Command {
    Args::whole_command()
}

fn run() -> Result<Exit, CliError> {
    match parsed() {
        Ok(args) => args.run(),
        Err(_) if welcome::is_due() => {
            welcome::show();
            Ok(Exit::Usage)
        }
        Err(message) if message.use_stderr() => {
            // A message that can't be written there has nowhere else to go.
            let _ = message.print();
            Ok(Exit::Usage)
        }
        // Clap reports help and the version as errors, too.
        Err(message) => {
            message.print().map_err(OutputError::from)?;
            Ok(Exit::Fine)
        }
    }
}

fn parsed() -> Result<Args, clap::Error> {
    // Never dropped: that would take as long as to build it.
    let mut deferred = ManuallyDrop::new(Args::command());
    let arguments = deferred.try_get_matches_from_mut(env::args_os());
    match arguments.and_then(|arguments| Args::from_arg_matches(&arguments)) {
        Err(message) if message.kind() != ErrorKind::DisplayVersion => {}
        parsed => return parsed,
    }
    // Help and most mistakes concern commands that the command line does not name.
    let mut command = Args::command();
    if let Some(width) = width_in_place_of_zero() {
        command = command.term_width(width);
    }
    command.build();
    let arguments = command.try_get_matches_from_mut(env::args_os())?;
    Args::from_arg_matches(&arguments).map_err(|error| error.format(&mut command))
}

/// The width for help if `COLUMNS` is 0, which shells and containers set if they don't
/// know it. Clap would write one word a line.
fn width_in_place_of_zero() -> Option<usize> {
    let columns: usize = env::var("COLUMNS").ok()?.parse().ok()?;
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    (columns == 0).then(|| terminal().unwrap_or(MAX_HELP_WIDTH).min(MAX_HELP_WIDTH))
}
