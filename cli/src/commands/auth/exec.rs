//! `orchestration auth exec`: runs a command with one profile's credential in its
//! environment, and with no other profile's.
//!
//! Keys end up in shells' start files, and from there in the environment of every
//! program. Here a program gets only the key that it needs. The command replaces
//! this process, so its exit status, signals and terminal are its own, and the key
//! is in no argument that others could list.
//!
//! A strategy must not choose the name of a variable: `ld_preload` would run code
//! outside the sandbox. So every name begins with the variable that the profile
//! names, or with the usual one.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{
    Credentials, FALLBACK_VARIABLE, PROVIDERS, ProviderProfile, ProvidersToml, Secret,
    sanitize_path,
};

use super::answer::ask;
use crate::complete::profiles;
use crate::error::{CliError, Kind};
use crate::exit::Exit;
use crate::host::Host;

/// System variables that every command needs. A strategy may be granted them, but
/// they hold no credential.
const OF_THE_SYSTEM: [&str; 10] =
    ["HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];

const HELP: &str = "\
The command gets the key in the variable that the profile names, or in
OPENAI_API_KEY if it names none. Further secrets of the credential get variables
of their own, e.g. OPENAI_API_KEY_SESSION for `session`. The command inherits the
environment, except for variables that other profiles name, that are granted to
other strategies, or that known providers use.

Exit status: the command's; 126 if it cannot be executed, 127 if not found;
before it is run, 1 the credential is not valid, 2 usage or configuration error,
3 the strategy failed

Examples:
  orchestration auth exec openrouter -- python chat.py
  orchestration auth exec corp -- sh -c 'OPENAI_API_KEY=$CORP_TOKEN exec tool'";

/// Run a command with a profile's key
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ExecArgs {
    /// The profile, as listed by `auth status`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,

    /// The command and its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

impl ExecArgs {
    /// Runs the command in place of this process, so it returns only if that fails.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::until_exit(config, false)?;
        let profile = host.providers.profile(&self.profile)?.clone();
        let answer = host.run(ask(profile, host.registry.clone()));
        Err(exec(&self.command, &answer.profile, &answer.credentials?, &host.providers))
    }
}

/// Runs `command` in place of this process, with the credential of `profile` and
/// without those of other profiles. Returns only if it can't be run.
fn exec(
    command: &[OsString],
    profile: &ProviderProfile,
    credentials: &Credentials,
    providers: &ProvidersToml,
) -> CliError {
    // Clap requires at least one word.
    let (program, arguments) = command.split_first().unwrap_or((&EMPTY, &[]));
    let mut process = Command::new(program);
    process.args(arguments);
    for variable in of_others(profile, providers) {
        process.env_remove(variable);
    }
    for (variable, secret) in given(profile, credentials) {
        process.env(variable, secret.expose());
    }
    let reason = process.exec();
    let kind = match reason.kind() {
        io::ErrorKind::NotFound => Kind::NoSuchCommand,
        _ => Kind::CannotRun,
    };
    CliError::new(kind, format!("cannot run {}: {reason}", sanitize_path(Path::new(program))))
}

static EMPTY: OsString = OsString::new();

/// The variables that the command gets, and their values. If two secrets map to one
/// variable, the first wins, as everywhere with names of secrets.
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

/// The variables that hold the credentials of other profiles, or that their
/// strategies read.
fn of_others<'a>(profile: &'a ProviderProfile, providers: &'a ProvidersToml) -> BTreeSet<&'a str> {
    let named = providers.profiles().filter_map(|other| other.api_key_env.as_deref());
    let others = providers.strategies().filter(|other| other.auth_type != profile.auth_type);
    let granted = others.flat_map(|other| other.env.iter().map(String::as_str));
    // The same credential has other names in other tools.
    let known = PROVIDERS.iter().flat_map(|known| known.variables.iter().copied());
    let own = providers.strategies().filter(|own| own.auth_type == profile.auth_type);
    let own: Vec<&str> = own.flat_map(|own| own.env.iter().map(String::as_str)).collect();
    let known = known.filter(|name| !own.contains(name));
    named
        .chain(granted)
        .chain(known)
        .chain([FALLBACK_VARIABLE])
        .filter(|name| profile.api_key_env.as_deref() != Some(name))
        .filter(|name| !OF_THE_SYSTEM.contains(name))
        .collect()
}
