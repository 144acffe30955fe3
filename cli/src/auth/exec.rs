//! `auth exec PROFILE -- COMMAND`: runs a command with one profile's credential
//! in its environment, and with no other's.
//!
//! Keys end up in shells' start files, and from there in the environment of
//! every program. Here one gets the key that it needs. The command takes the
//! place of this process, so that its exit status, its signals and its terminal
//! are its own, and the key is in no argument that others could list.
//!
//! What a strategy says must not become the name of a variable as it is: one
//! called `ld_preload` would run code outside the sandbox. So all names begin
//! with the one that the user gave the profile, or that is usual.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use orchestration_runtime::{
    Credentials, FALLBACK_VARIABLE, ProviderProfile, ProvidersToml, Secret,
};

use crate::failure::CliError;

/// Variables of the system that every command needs. A strategy may be granted
/// them, but they hold no credential.
const OF_THE_SYSTEM: [&str; 10] =
    ["HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];

/// Runs `command` in place of this process, with the credential of `profile` and
/// without those of the others. Comes back only where it can't be run.
pub(super) fn run(
    command: &[OsString],
    profile: &ProviderProfile,
    credentials: &Credentials,
    providers: &ProvidersToml,
) -> CliError {
    let (program, arguments) = command.split_first().unwrap_or((&EMPTY, &[]));
    let mut process = Command::new(program);
    process.args(arguments);
    for variable in of_others(profile, providers) {
        process.env_remove(variable);
    }
    for (variable, secret) in given(profile, credentials) {
        process.env(variable, secret.expose());
    }
    CliError::Exec { command: program.clone(), reason: process.exec() }
}

/// What the arguments can't be, since one word is required.
static EMPTY: OsString = OsString::new();

/// The variables that the command gets, and what is in them. Where two names
/// come out alike, the first has it, as everywhere with names of secrets.
fn given<'a>(
    profile: &ProviderProfile,
    credentials: &'a Credentials,
) -> BTreeMap<String, &'a Secret> {
    let variable = profile.api_key_env.as_deref().unwrap_or(FALLBACK_VARIABLE);
    let mut given = BTreeMap::new();
    for (name, secret) in credentials.values() {
        let is_key = credentials.key().is_some_and(|key| std::ptr::eq(key, secret));
        let variable = if is_key { variable.to_owned() } else { beside(variable, name) };
        given.entry(variable).or_insert(secret);
    }
    given
}

/// The variable of a secret that is not the key.
fn beside(variable: &str, name: &str) -> String {
    let shape = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{variable}_{}", name.chars().map(shape).collect::<String>())
}

/// The variables that hold the credentials of other profiles, or what their
/// strategies make them from.
fn of_others<'a>(profile: &'a ProviderProfile, providers: &'a ProvidersToml) -> BTreeSet<&'a str> {
    let named = providers.profiles().filter_map(|other| other.api_key_env.as_deref());
    let others = providers.strategies().filter(|other| other.auth_type != profile.auth_type);
    let granted = others.flat_map(|other| other.env.iter().map(String::as_str));
    named
        .chain(granted)
        .chain([FALLBACK_VARIABLE])
        .filter(|name| profile.api_key_env.as_deref() != Some(name))
        .filter(|name| !OF_THE_SYSTEM.contains(name))
        .collect()
}
