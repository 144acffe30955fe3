//! Completion of command lines by the shell.
//!
//! The shell asks this executable at every press of the tab key, so what is
//! offered is what there is: the profiles and auth types of the configuration that
//! the command would read, as far as it was typed. Nothing is said on stderr, which
//! would be in the middle of the command line.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::CommandFactory;
use clap_complete::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};
use orchestration_runtime::{ProviderProfile, ProvidersToml, built_in_auth_types};

use crate::args::{Args, Shell};
use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;

/// The variable by which a shell asks; clap's own.
const ASKED: &str = "COMPLETE";

/// Answers a shell that asks, and then ends the process.
pub(crate) fn answer() {
    CompleteEnv::with_factory(Args::command).complete();
}

/// Prints the lines that make a shell ask.
pub(crate) fn run(shell: Shell) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(shell.name()) {
        let name = env!("CARGO_BIN_NAME");
        completer.write_registration(ASKED, name, name, name, &mut script)?;
    }
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}

/// The profiles, each with the variable that it names.
pub(crate) fn profiles() -> Vec<CompletionCandidate> {
    let providers = configured();
    let candidate = |profile: &Arc<ProviderProfile>| {
        let variable = profile.api_key_env.clone().map(Into::into);
        CompletionCandidate::new(&profile.name).help(variable)
    };
    providers.profiles().map(candidate).collect()
}

/// The auth types that a profile may name.
pub(crate) fn auth_types() -> Vec<CompletionCandidate> {
    built_in_auth_types().map(CompletionCandidate::new).chain(strategies()).collect()
}

/// The strategies that providers.toml has.
pub(crate) fn strategies() -> Vec<CompletionCandidate> {
    let providers = configured();
    providers.strategies().map(|strategy| CompletionCandidate::new(&strategy.auth_type)).collect()
}

/// What the command would read; the built-in profiles where that can't be read.
fn configured() -> ProvidersToml {
    let words: Vec<OsString> = env::args_os().collect();
    let named = named(&words);
    ProvidersToml::discover(named.as_deref()).unwrap_or_else(|_| ProvidersToml::built_in())
}

/// The file behind `--config`: the command line is not parsed before it is whole.
fn named(words: &[OsString]) -> Option<PathBuf> {
    let flags = words.iter().zip(words.iter().skip(1).map(Some).chain([None]));
    let mut files =
        flags.filter_map(|(word, next)| match word.to_str()?.strip_prefix("--config")? {
            "" => next.map(PathBuf::from),
            value => value.strip_prefix('=').map(PathBuf::from),
        });
    files.next()
}
