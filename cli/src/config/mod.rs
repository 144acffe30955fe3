//! providers.toml: read for a command, and changed by one.

pub(crate) mod entry;
mod file;

use std::path::Path;

use orchestration_runtime::{ProvidersToml, Unused, UnusedReason};

pub(crate) use file::{ConfigFile, folder_of};

use crate::failure::{self, CliError};

/// The profiles for a command that was given the file `named`, or none. Says on
/// stderr where the project's file is left out.
pub(crate) fn discover(named: Option<&Path>) -> Result<ProvidersToml, CliError> {
    let providers = ProvidersToml::discover(named)?;
    if let Some(unused) = providers.unused() {
        failure::left_out(unused);
    }
    Ok(providers)
}

/// What to do about a project's file that is not used.
pub(crate) fn remedy(unused: &Unused) -> &'static str {
    match unused.reason {
        UnusedReason::Unknown | UnusedReason::Changed => {
            "see what it asks for, and trust it, with: orchestration trust"
        }
        UnusedReason::Link => "if you want it, put the file itself in the place of the link",
        UnusedReason::Unreadable(_) => "if you want it, make it a file that you can read",
    }
}
