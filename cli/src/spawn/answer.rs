//! One answer, shown as it arrives.

use std::io::{self, IsTerminal};

use futures_util::StreamExt;
use orchestration_runtime::{Agent, Message};

use crate::args::Format;
use crate::failure::CliError;
use crate::output;

/// Asks the agent and shows what it answers. Whatever comes, what was shown
/// ends with a line break.
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

/// What of an answer is on stdout.
struct Shown {
    format: Format,
    on_a_terminal: bool,
    /// Whether the last line has no end yet.
    in_a_line: bool,
}

impl Shown {
    fn add(&mut self, message: &Message) -> io::Result<()> {
        if self.format == Format::Json {
            return output::print_raw(&format!("{}\n", serde_json::to_string(message)?));
        }
        match message {
            Message::Text { text } => {
                let text = if self.on_a_terminal { harmless(text) } else { text.clone() };
                let Some(last) = text.chars().next_back() else { return Ok(()) };
                self.in_a_line = last != '\n';
                output::print_raw(&text)
            }
            Message::ToolCall { name, arguments, .. } => {
                self.end_line()?;
                output::print_raw(&format!("{}\n", harmless(&format!("[{name} {arguments}]"))))
            }
        }
    }

    fn end_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_a_line) { output::print_raw("\n") } else { Ok(()) }
    }
}

/// Without what could repaint a terminal.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}
