//! Programs that a command runs for the user: the variables that they must not get, and why
//! they can't be run.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::Command;

use orchestration_runtime::{
    FALLBACK_VARIABLE, PROVIDERS, ProviderProfile, ProvidersToml, is_reserved_variable,
    sanitize_path,
};

use crate::error::{CliError, Kind};

/// The variables that hold the credentials of profiles, or that their strategies read, and
/// those that clients of known providers read a key from.
pub(super) fn keys(providers: &ProvidersToml) -> BTreeSet<&str> {
    let named = providers.profiles().filter_map(|profile| profile.api_key_env.as_deref());
    let granted = providers.strategies().flat_map(|strategy| &strategy.env).map(String::as_str);
    let known = PROVIDERS.iter().flat_map(|known| known.variables.iter().copied());
    unreserved(named.chain(granted).chain(known).chain([FALLBACK_VARIABLE]))
}

/// The same without the variable of `profile`, and without those that its own strategy may
/// read: the command may read them as well. The other names of the profile's own key, which
/// clients may prefer, are among them.
pub(super) fn keys_of_others<'a>(
    profile: &'a ProviderProfile,
    providers: &'a ProvidersToml,
) -> BTreeSet<&'a str> {
    let named = providers.profiles().filter_map(|other| other.api_key_env.as_deref());
    let others = providers.strategies().filter(|other| other.auth_type != profile.auth_type);
    let granted = others.flat_map(|other| other.env.iter().map(String::as_str));
    let own = providers.strategies().filter(|own| own.auth_type == profile.auth_type);
    let own: Vec<&str> = own.flat_map(|own| own.env.iter().map(String::as_str)).collect();
    let known = PROVIDERS.iter().flat_map(|known| known.variables.iter().copied());
    let known = known.filter(|name| !own.contains(name));
    let other_names = profile.known_provider().map(|known| known.variables).unwrap_or_default();
    let names = named
        .chain(granted)
        .chain(known)
        .chain(other_names.iter().copied())
        .chain([FALLBACK_VARIABLE]);
    unreserved(names.filter(|name| profile.api_key_env.as_deref() != Some(name)))
}

/// Every command needs the variables of the system, and they hold no credential.
fn unreserved<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    names.filter(|name| !is_reserved_variable(name)).collect()
}

/// Returns the command with these words. Clap requires at least one.
pub(super) fn command(words: &[OsString]) -> Command {
    let mut words = words.iter();
    let mut command = Command::new(words.next().map_or(OsStr::new(""), OsString::as_os_str));
    command.args(words);
    command
}

/// The error of a command that could not be started.
pub(super) fn cannot_run(command: &Command, reason: &io::Error) -> CliError {
    let program = command.get_program();
    let kind = match reason.kind() {
        io::ErrorKind::NotFound => Kind::NoSuchCommand,
        _ => Kind::CannotRun,
    };
    CliError::new(kind, format!("cannot run {}: {reason}", sanitize_path(Path::new(program))))
}
