//! `auth token PROFILE`: the key alone, for a script.
//!
//! The one command that writes a secret. Whoever asks for it pipes it on; on a
//! terminal it would stay in the scrollback, in a recording, before the eyes of
//! a meeting, so there it takes a flag.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use orchestration_runtime::{ProviderProfile, Registry, Secret};

use super::ask;
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::spinner;

/// Asks the profile's strategy and prints the key, on a terminal only if
/// `on_terminal`.
pub(super) async fn run(
    profile: Arc<ProviderProfile>,
    registry: &Registry,
    on_terminal: bool,
) -> Result<Exit, CliError> {
    if io::stdout().is_terminal() && !on_terminal {
        return Err(CliError::Terminal { profile: profile.name.clone() });
    }
    let answer = ask(profile, registry.clone()).await;
    match answer.credentials?.key() {
        Some(key) => print(key)?,
        None => failure::no_key_needed(&answer.profile.name),
    }
    Ok(Exit::Fine)
}

/// Writes the key as it is. The line is put together in memory that is wiped,
/// and handed over at once: what stdout has to keep for later is not.
fn print(key: &Secret) -> io::Result<()> {
    let line = Secret::from(format!("{}\n", key.expose()));
    spinner::erase();
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.expose().as_bytes())?;
    stdout.flush()
}
