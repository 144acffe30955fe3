//! What `orchestration` says without arguments to a user who has no configuration: which
//! keys and sessions it finds, and what to do next.
//!
//! It is a usage error all the same, with the exit status of one, so that a script that
//! forgets its command does not go on.

use std::env;
use std::path::Path;

use orchestration_runtime::{KnownProvider, PROVIDERS, ProvidersToml};

use super::init::set_variable;
use super::session;
use crate::ui::stderr;

/// Returns true if there are no arguments and no configuration.
pub(crate) fn is_due() -> bool {
    env::args_os().len() <= 1 && !is_configured()
}

/// Whether there is a providers.toml, of the user or of the project. One that can't be used
/// is one, too.
fn is_configured() -> bool {
    let Ok(path) = ProvidersToml::path(None) else { return true };
    if path.as_deref().is_some_and(Path::exists) {
        return true;
    }
    let providers = ProvidersToml::discover(None);
    providers.is_ok_and(|providers| providers.project().is_some() || providers.unused().is_some())
}

/// Writes it to stderr.
pub(crate) fn show() {
    let keys = keys();
    let usable = keys.iter().find_map(|(known, _)| known.profile);
    let sections = [
        "orchestration finds, renews and checks the credentials of LLM providers.".to_owned(),
        section("Keys in the environment", keys.iter().map(key_line), "none that it knows"),
        section("Sessions and stored keys", session::summaries().into_iter(), "none"),
        next_steps(usable),
        "Usage: orchestration [OPTIONS] <COMMAND>".to_owned(),
        "For more information, try '--help'.".to_owned(),
    ];
    stderr::note(&sections.join("\n\n"));
}

/// The providers whose variables are set, each with its first such variable.
fn keys() -> Vec<(&'static KnownProvider, &'static str)> {
    let set = |known| set_variable(known).map(|variable| (known, variable));
    PROVIDERS.iter().filter_map(set).collect()
}

fn key_line((known, variable): &(&KnownProvider, &str)) -> String {
    match known.profile {
        Some(profile) => format!("{variable}  (profile {profile})"),
        None => format!("{variable}  ({}: `orchestration init` adds a profile)", known.name),
    }
}

fn section(title: &str, lines: impl Iterator<Item = String>, none: &str) -> String {
    let lines: Vec<String> = lines.map(|line| format!("\n  {line}")).collect();
    let lines = if lines.is_empty() { format!("\n  {none}") } else { lines.concat() };
    format!("{title}{lines}")
}

/// Three things to do; `usable` is a profile that has a key.
fn next_steps(usable: Option<&str>) -> String {
    let third = match usable {
        Some(profile) => {
            format!("orchestration auth exec {profile} -- COMMAND   run a command with its key")
        }
        None => {
            "orchestration auth login openai            see how to set a provider's key".to_owned()
        }
    };
    format!(
        "What to do next\n  \
         orchestration init                         choose providers, write providers.toml\n  \
         orchestration auth status                  show the status of every profile\n  \
         {third}"
    )
}
