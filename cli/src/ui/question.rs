//! Questions that the user answers with a line. A terminal displays the answer, so a secret
//! is not asked for here but in `secret_input`.

use std::io::{self, BufRead, IsTerminal};

use super::stderr;

/// Returns true if a person can be asked: both stdin and stderr are a terminal.
pub(crate) fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Returns the line that the user types after `question`, without spaces around it; `None`
/// at the end of the input.
pub(crate) fn answer(question: &str) -> io::Result<Option<String>> {
    stderr::ask(question);
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// Returns true if the answer is yes. Anything else, and no answer, is no.
pub(crate) fn is_confirmed(question: &str) -> io::Result<bool> {
    let answer = answer(&format!("{question} [y/N] "))?.unwrap_or_default();
    Ok(["y", "yes"].contains(&answer.to_lowercase().as_str()))
}
