//! Everything but results, on stderr. A message that can't be written there has
//! nowhere else to go, so failures to write are ignored.

use std::io::{self, Write};

use anstream::AutoStream;

use super::style::{BAD, WARNING};
use super::{backlog, spinner};

/// Writes an error, and its hint below it.
pub(crate) fn error(message: &str, hint: Option<&str>) {
    note(&format!("{BAD}error{BAD:#}: {message}{}", below(hint)));
}

/// Writes a warning, and its hint below it.
pub(crate) fn warning(message: &str, hint: Option<&str>) {
    note(&format!("{WARNING}warning{WARNING:#}: {message}{}", below(hint)));
}

fn below(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\n  {hint}")).unwrap_or_default()
}

/// Writes a line.
pub(crate) fn note(text: &str) {
    if !backlog::add(|lines| lines.push_str(&line(text))) {
        spinner::erase();
        let _ = writeln!(anstream::stderr(), "{text}");
    }
}

/// Returns `text` as a line, with its colours if stderr shows them.
fn line(text: &str) -> String {
    let mut line = AutoStream::new(Vec::new(), AutoStream::choice(&io::stderr()));
    let _ = writeln!(line, "{text}");
    String::from_utf8_lossy(&line.into_inner()).into_owned()
}

/// Asks a question; the user types the answer on the same line.
pub(crate) fn ask(question: &str) {
    spinner::erase();
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
}
