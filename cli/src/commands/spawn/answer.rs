//! One answer, shown as it arrives.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use futures_util::StreamExt;
use orchestration_runtime::{Agent, Message};

use crate::error::CliError;
use crate::report::ReportError;
use crate::ui::stdout::{self, OutputError};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// The text, as it arrives
    Text,
    /// One JSON object per line, for each piece of text and each tool call
    Json,
}

/// Asks the agent and shows its answer. The output always ends with a newline, even
/// if the answer fails.
pub(super) async fn show(agent: &dyn Agent, text: &str, format: Format) -> Result<(), CliError> {
    let mut answer = agent.send(text).await?;
    let mut shown = Shown { format, on_a_terminal: io::stdout().is_terminal(), in_a_line: false };
    while let Some(message) = answer.next().await {
        match message {
            Ok(message) => shown.add(&message)?,
            Err(error) => {
                shown.end_line()?;
                return Err(error.into());
            }
        }
    }
    Ok(shown.end_line()?)
}

/// The part of an answer that is on stdout.
struct Shown {
    format: Format,
    on_a_terminal: bool,
    /// Whether the last line lacks its newline.
    in_a_line: bool,
}

impl Shown {
    fn add(&mut self, message: &Message) -> Result<(), CliError> {
        if self.format == Format::Json {
            let line = serde_json::to_string(message).map_err(ReportError::from)?;
            return Ok(stdout::print_raw(&format!("{line}\n"))?);
        }
        match message {
            Message::Text { text } => {
                let text = if self.on_a_terminal { sanitized(text) } else { text.clone() };
                let Some(last) = text.chars().next_back() else { return Ok(()) };
                self.in_a_line = last != '\n';
                Ok(stdout::print_raw(&text)?)
            }
            Message::ToolCall { name, arguments, .. } => {
                self.end_line()?;
                let call = sanitized(&format!("[{name} {arguments}]"));
                Ok(stdout::print_raw(&format!("{call}\n"))?)
            }
        }
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        if std::mem::take(&mut self.in_a_line) { stdout::print_raw("\n") } else { Ok(()) }
    }
}

/// Removes control characters, which could repaint a terminal.
fn sanitized(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}
