//! Asks which of the providers and clients the user has.

use std::io;

use orchestration_runtime::{quote, suggestion};

use super::provider::Offered;
use crate::commands::client::{Client, WITH_HELPER};
use crate::ui::{question, stderr};

/// Shows the providers, and returns the names of those that the user chooses; by default
/// those whose variables are set. Asks again after an answer that names anything else.
pub(super) fn ask(offered: &[Offered]) -> io::Result<Vec<String>> {
    let default: Vec<&str> = offered
        .iter()
        .filter(|offered| offered.set.is_some())
        .map(|offered| offered.name)
        .collect();
    stderr::note(&list(offered));
    let default_shown = match default.as_slice() {
        [] => String::new(),
        names => format!(" [{}]", names.join(" ")),
    };
    let question =
        format!("Which do you use? Names or numbers, separated by spaces{default_shown}: ");
    loop {
        let Some(answer) = question::answer(&question)? else { return Ok(Vec::new()) };
        if answer.is_empty() {
            return Ok(default.into_iter().map(str::to_owned).collect());
        }
        match chosen(&answer, offered) {
            Ok(names) => return Ok(names),
            Err(unknown) => {
                warn("provider", &unknown, offered.iter().map(|offered| offered.name));
            }
        }
    }
}

/// Returns the client that the user wants to set up for `profile`; `None` if there is none.
/// Asks again after an answer that names anything else.
pub(super) fn ask_client(profile: &str) -> io::Result<Option<Client>> {
    let names = WITH_HELPER.map(|client| client.to_string());
    let question =
        format!("Set up a client to use {profile}? {}, or Enter for none: ", names.join(", "));
    loop {
        let answer = question::answer(&question)?.unwrap_or_default();
        let client = WITH_HELPER.into_iter().find(|client| client.to_string() == answer);
        if client.is_some() || answer.is_empty() {
            return Ok(client);
        }
        warn("client", &answer, names.iter().map(String::as_str));
    }
}

/// One line for each provider: its number, its name, and where its key is.
fn list(offered: &[Offered]) -> String {
    let width = offered.iter().map(|offered| offered.name.len()).max().unwrap_or_default();
    let line = |(at, offered): (usize, &Offered)| {
        let name = offered.name;
        let seen = match (offered.set, offered.profile(false).api_key_env) {
            (Some(variable), _) => format!("{variable} is set"),
            (None, Some(variable)) => format!("{variable} is not set"),
            (None, None) => "on this machine; needs no key".to_owned(),
        };
        format!("{:3}  {name:width$}  {seen}", at + 1)
    };
    offered.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the names in an answer, or the first word that is neither a name nor a number
/// of the list.
fn chosen(answer: &str, offered: &[Offered]) -> Result<Vec<String>, String> {
    let words = answer.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let number = word.parse().ok().and_then(|number: usize| number.checked_sub(1));
            let named = offered.iter().find(|offered| offered.name == word);
            let found = named.or_else(|| offered.get(number?));
            found.map(|offered| offered.name.to_owned()).ok_or_else(|| word.to_owned())
        })
        .collect()
}

/// Warns that nothing of this kind has the name.
fn warn<'a>(kind: &str, unknown: &str, names: impl IntoIterator<Item = &'a str>) {
    let hint = suggestion(unknown, names).map(|name| format!("did you mean '{name}'?"));
    stderr::warning(&format!("no {kind} is called {}", quote(unknown)), hint.as_deref());
}
