//! `auth status --watch`: the table again, whenever it is another.
//!
//! Variables can't change under a running process; credentials that end,
//! strategies and providers.toml can, so everything is read anew each time.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::{Answer, status};
use crate::args::StatusArguments;
use crate::config;
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::host::Host;
use crate::output;

/// How long nobody looks.
const PAUSE: Duration = Duration::from_secs(2);

/// To the upper left corner, and everything below it away.
const CLEAR: &str = "\x1b[H\x1b[J";

/// Shows the table until the user has seen enough.
pub(super) fn run(arguments: &StatusArguments, named: Option<&Path>) -> Result<Exit, CliError> {
    let clear = if io::stdout().is_terminal() { CLEAR } else { "" };
    let mut last = None;
    loop {
        let seen = look(arguments, named);
        // A file that somebody is just writing may be good at the next look.
        let words = seen.as_ref().map_or_else(ToString::to_string, |(_, table)| table.clone());
        if last.as_ref() != Some(&words) {
            let table = seen.as_ref().map_or("", |(_, table)| table);
            output::print(&format!("{clear}{table}"))?;
            match &seen {
                Ok((answers, _)) => status::explain(answers),
                Err(error) => failure::show(error),
            }
            last = Some(words);
        }
        thread::sleep(PAUSE);
    }
}

fn look(
    arguments: &StatusArguments,
    named: Option<&Path>,
) -> Result<(Vec<Answer>, String), CliError> {
    let host = Host::of(config::discover(named)?)?;
    host.run(status::look(arguments, &host, None))
}
