//! `orchestration auth status --watch`: redraws the table when it changes.
//!
//! A running process never sees its variables change, but credentials expire, and
//! strategies and providers.toml change, so everything is read again each time.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::answer::Answer;
use super::status::StatusArgs;
use super::table;
use crate::config;
use crate::diagnostics;
use crate::error::CliError;
use crate::exit::Exit;
use crate::gateway::{self, Notice};
use crate::host::Host;
use crate::ui::stdout;

/// The time between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// Moves to the upper left corner and clears the screen below it.
const CLEAR: &str = "\x1b[H\x1b[J";

/// The last warnings, which are not repeated.
#[derive(Default)]
struct Warned {
    unused: Option<String>,
    gateways: Vec<Notice>,
}

/// Shows the table until the user stops it.
pub(super) fn run(args: &StatusArgs, config: Option<&Path>) -> Result<Exit, CliError> {
    let clear = if io::stdout().is_terminal() { CLEAR } else { "" };
    let mut last = None;
    let mut warned = Warned::default();
    loop {
        let seen = look(args, config, &mut warned);
        // A file that is being written right now may load at the next look.
        let words = seen.as_ref().map_or_else(ToString::to_string, |(_, table)| table.clone());
        if last.as_ref() != Some(&words) {
            let table = seen.as_ref().map_or("", |(_, table)| table);
            stdout::print_to_reader(&format!("{clear}{table}"))?;
            match &seen {
                Ok((answers, _)) => table::explain(answers),
                Err(error) => diagnostics::show(error),
            }
            last = Some(words);
        }
        // The answers hold keys, which stay in memory no longer than a look.
        drop(seen);
        thread::sleep(PAUSE);
    }
}

fn look(
    args: &StatusArgs,
    config: Option<&Path>,
    warned: &mut Warned,
) -> Result<(Vec<Answer>, String), CliError> {
    let host = Host::of(config::discover_again(config, &mut warned.unused)?)?;
    let notices = args.notices(&host)?;
    if warned.gateways != notices {
        gateway::warn(&notices);
        warned.gateways = notices;
    }
    host.run(args.look(&host, None))
}
