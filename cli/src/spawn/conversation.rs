//! A conversation on a terminal.

use std::time::Duration;

use orchestration_runtime::Agent;
use rustyline::Editor;
use rustyline::config::Config;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;

use super::answer;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::host::Host;

const PROMPT: &str = "> ";

/// How long a stopped answer's connection gets to be closed. Nothing of the
/// runtime runs while the next line is written, and a provider that sees no end
/// goes on, and charges for it.
const CLOSING: Duration = Duration::from_millis(10);

/// Reads lines and answers them, until Ctrl-D. Ctrl-C stops an answer, and
/// throws away a line that is being written. A failed answer ends nothing: the
/// line is in the history of the editor, to be sent again.
pub(super) fn hold(host: &Host, agent: &dyn Agent, format: Format) -> Result<Exit, CliError> {
    let config = Config::builder().auto_add_history(true).build();
    let history = MemHistory::with_config(&config);
    let mut editor = Editor::<(), _>::with_history(config, history).map_err(unreadable)?;
    failure::note("Ctrl-C stops an answer, Ctrl-D ends the conversation");
    loop {
        match editor.readline(PROMPT) {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => match host.run(stoppable(answer::show(agent, &line, format))) {
                Some(Ok(())) => {}
                Some(Err(error @ CliError::Output(_))) => return Err(error),
                Some(Err(error)) => failure::show(&error),
                None => failure::note("\nstopped; it is as if this had not been asked"),
            },
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(Exit::Fine),
            Err(error) => return Err(unreadable(error)),
        }
    }
}

/// Does `work` until it is done, or until Ctrl-C.
async fn stoppable<T>(work: impl Future<Output = T>) -> Option<T> {
    let done = tokio::select! {
        done = work => Some(done),
        _ = tokio::signal::ctrl_c() => None,
    };
    if done.is_none() {
        tokio::time::sleep(CLOSING).await;
    }
    done
}

fn unreadable(error: ReadlineError) -> CliError {
    CliError::Message(std::io::Error::other(error.to_string()))
}
