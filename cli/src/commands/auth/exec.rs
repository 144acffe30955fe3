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
//! names, or with the usual one. Even so a secret's name could complete one that
//! programs act on, or that belongs to another profile; neither is set.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{
    Credentials, FALLBACK_VARIABLE, KnownProvider, ProviderProfile, ProvidersToml, Secret,
    is_reserved_variable,
};

use super::answer::ask;
use crate::commands::launched::{self, cannot_run, keys_of_others};
use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::platform::{core_dumps, programs};
use crate::remedy;
use crate::ui::stderr;

const HELP: &str = "\
The command gets the key in the variable that the profile names; if it names
none, in the usual one of its provider, or in OPENAI_API_KEY. Further secrets of
the credential get variables of their own, e.g. OPENAI_API_KEY_SESSION for
`session`, unless programs act on that variable or another profile uses it. The
command inherits the environment, except for variables that other profiles name,
that are granted to other strategies, or that known providers use, such as
GOOGLE_API_KEY for gemini.

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
    /// Runs the command in place of this process.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::until_exit(config, false)?;
        let profile = host.providers.profile(&self.profile)?.clone();
        let answer = host.run(ask(profile, host.registry.clone(), Duration::ZERO));
        exec(&self.command, &answer.profile, &answer.credentials?, &host.providers)
    }
}

/// Runs `command` in place of this process, with the credential of `profile` and
/// without those of other profiles. Where a process can be replaced, returns only if it
/// can't be run.
fn exec(
    command: &[OsString],
    profile: &ProviderProfile,
    credentials: &Credentials,
    providers: &ProvidersToml,
) -> Result<Exit, CliError> {
    let mut process = launched::command(command);
    let others = keys_of_others(profile, providers);
    for variable in &others {
        process.env_remove(variable);
    }
    for (variable, secret) in given(profile, credentials, &others) {
        process.env(variable, secret.expose());
    }
    core_dumps::restore_limit();
    programs::replace_process(&mut process).map_err(|reason| cannot_run(&process, &reason))
}

/// The variables that the command gets, and their values. If two secrets map to one
/// variable, the first wins, as everywhere with names of secrets. Warns of each secret
/// that gets no variable.
fn given<'a>(
    profile: &ProviderProfile,
    credentials: &'a Credentials,
    others: &BTreeSet<&str>,
) -> BTreeMap<String, &'a Secret> {
    let variable = key_variable(profile);
    let mut given = BTreeMap::new();
    for (name, secret) in credentials.values() {
        if credentials.key().is_some_and(|key| std::ptr::eq(key, secret)) {
            given.entry(variable.to_owned()).or_insert(secret);
            continue;
        }
        let made = beside(variable, name);
        let reason = if is_reserved_variable(&made) {
            "it controls how programs run"
        } else if others.contains(made.as_str()) {
            "another profile, strategy or provider uses it"
        } else {
            given.entry(made).or_insert(secret);
            continue;
        };
        let message = format!("the secret '{name}' is not passed on in {made}: {reason}");
        stderr::warning(&message, Some(&remedy::rename_variable(&profile.name)));
    }
    given
}

/// The variable of the key: the one that the profile names, or the usual one of its
/// provider. Clients of other servers read that of OpenAI.
fn key_variable(profile: &ProviderProfile) -> &str {
    let usual = || profile.known_provider().and_then(KnownProvider::variable);
    profile.api_key_env.as_deref().or_else(usual).unwrap_or(FALLBACK_VARIABLE)
}

/// The variable of a secret that is not the key.
fn beside(variable: &str, name: &str) -> String {
    let shape = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{variable}_{}", name.chars().map(shape).collect::<String>())
}
