//! A conversation on a terminal.

use std::time::Duration;

use orchestration_runtime::Agent;
use rustyline::Editor;
use rustyline::config::Config;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;

use super::answer::{self, Format};
use super::error::SpawnError;
use crate::diagnostics;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::stderr;

const PROMPT: &str = "> ";

/// How long to wait for the connection of a stopped answer to close. The runtime is
/// idle while the user types the next line, and a provider that sees the connection
/// open goes on answering, and charging.
const CLOSING: Duration = Duration::from_millis(10);

/// Reads lines and answers them, until Ctrl-D. Ctrl-C stops an answer, or discards
/// the line that is being typed. The conversation goes on after a failed answer: its
/// line is in the editor's history, to be sent again.
pub(super) fn hold(host: &Host, agent: &dyn Agent, format: Format) -> Result<Exit, CliError> {
    let config = Config::builder().auto_add_history(true).build();
    let history = MemHistory::with_config(&config);
    let mut editor = Editor::<(), _>::with_history(config, history).map_err(unreadable)?;
    stderr::note("Ctrl-C stops an answer, Ctrl-D ends the conversation");
    loop {
        match editor.readline(PROMPT) {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => match host.run(answered(host, answer::show(agent, &line, format))) {
                Some(Ok(())) => {}
                Some(Err(error)) if error.is_about_output() => return Err(error),
                Some(Err(error)) => diagnostics::show(&error),
                None => stderr::note("\nstopped; this message is not part of the conversation"),
            },
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(Exit::Fine),
            Err(error) => return Err(unreadable(error)),
        }
    }
}

/// Runs `work` until it finishes or is stopped, and then finishes what goes on in the
/// background: the runtime is idle while the user types the next line, and a renewal that
/// stands still keeps other processes from the session.
async fn answered<T>(host: &Host, work: impl Future<Output = T>) -> Option<T> {
    let done = stoppable(work).await;
    host.registry.finish_renewals().await;
    done
}

/// Runs `work` until it finishes, or until Ctrl-C.
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
    SpawnError::Unreadable(std::io::Error::other(error.to_string())).into()
}
