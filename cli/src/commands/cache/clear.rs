//! `orchestration cache clear`

use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use orchestration_runtime::{CacheInfo, sanitize_path};

use super::error::{CacheError, cache, store};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remedy;
use crate::ui::{stderr, stdout, text};

const HELP: &str = "\
Strategies are compiled again when they are next used. Those from registries have
to be fetched again with `strategy pull`.

Exit status: 0 success, 2 a file can't be removed

Examples:
  orchestration cache clear";

/// Remove compiled code and components from registries
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ClearArgs {}

impl ClearArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        report(&cache()?.clear().map_err(CacheError::from)?, "compiled code")?;
        let store = store()?;
        if store.directory().exists() {
            let removed = store.clear().map_err(CacheError::UnusableStore)?;
            report(&removed, "a component")?;
            if removed.entries > 0 {
                stderr::note(remedy::FETCH_COMPONENTS);
            }
        }
        Ok(Exit::Fine)
    }
}

/// Reports what was removed, and what was left because it is not `kind`.
fn report(removed: &CacheInfo, kind: &str) -> Result<(), CliError> {
    let CacheInfo { directory, entries, bytes, others, .. } = removed;
    let noun = if *entries == 1 { "entry" } else { "entries" };
    let (size, directory) = (text::size(*bytes), sanitize_path(directory));
    stdout::print(&format!("removed {entries} {noun}, {size}, from {directory}\n"))?;
    if !others.is_empty() {
        stderr::warning(&format!("left what is not {kind}: {}", names(others)), None);
    }
    Ok(())
}

/// As many names as can be read at a glance.
fn names(others: &[OsString]) -> String {
    const NAMED: usize = 5;
    let named = others.iter().take(NAMED).map(|name| sanitize_path(Path::new(name)));
    let named: Vec<String> = named.collect();
    let more = others.len() - named.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", named.join(", "))
}
