//! Completion candidates.
//!
//! The shell runs this executable whenever the user presses the tab key. It
//! completes the profiles and auth types of the configuration that the command
//! would read, judging by what is typed so far. It writes nothing to stderr, which
//! would appear in the middle of the command line.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap_complete::CompletionCandidate;
use orchestration_runtime::{
    ProviderProfile, ProvidersToml, SessionRecord, Sessions, built_in_auth_types,
};

use crate::ui::text;

/// The profiles, each with the variable or the file that it names.
pub(crate) fn profiles() -> Vec<CompletionCandidate> {
    let providers = configured();
    let candidate = |profile: &Arc<ProviderProfile>| {
        let file = || Some(text::from_home(profile.api_key_file.as_ref()?.path()).into_owned());
        let key = profile.api_key_env.clone().or_else(file);
        CompletionCandidate::new(&profile.name).help(key.map(Into::into))
    };
    providers.profiles().map(candidate).collect()
}

/// The auth types that a profile may name.
pub(crate) fn auth_types() -> Vec<CompletionCandidate> {
    built_in_auth_types().map(CompletionCandidate::new).chain(strategies()).collect()
}

/// The strategies in providers.toml.
pub(crate) fn strategies() -> Vec<CompletionCandidate> {
    let providers = configured();
    providers.strategies().map(|strategy| CompletionCandidate::new(&strategy.auth_type)).collect()
}

/// The profiles with a session, each with its account.
pub(crate) fn sessions() -> Vec<CompletionCandidate> {
    let stored = Sessions::of_current_user().and_then(|sessions| sessions.list().ok());
    let records = stored.into_iter().flatten().filter_map(|stored| stored.record.ok());
    let candidate = |record: SessionRecord| {
        let account = record.account();
        CompletionCandidate::new(record.tie.profile)
            .help(account.map(|account| account.to_string().into()))
    };
    records.map(candidate).collect()
}

/// The configuration that the command would read, or the built-in profiles if it
/// can't be read.
fn configured() -> ProvidersToml {
    let words: Vec<OsString> = env::args_os().collect();
    let named = named(&words);
    ProvidersToml::discover(named.as_deref()).unwrap_or_else(|_| ProvidersToml::built_in())
}

/// The file after `--config`. Clap can't parse a command line that is incomplete.
fn named(words: &[OsString]) -> Option<PathBuf> {
    let flags = words.iter().zip(words.iter().skip(1).map(Some).chain([None]));
    let mut files =
        flags.filter_map(|(word, next)| match word.to_str()?.strip_prefix("--config")? {
            "" => next.map(PathBuf::from),
            value => value.strip_prefix('=').map(PathBuf::from),
        });
    files.next()
}
