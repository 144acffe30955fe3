//! The environment of the command: no key, and in its place a pass and the broker's address.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::sync::Arc;

use orchestration_runtime::{ClientVariables, ProviderProfile, ProvidersToml, Secret};

use crate::commands::launched::keys;
use crate::error::CliError;
use crate::remedy;

/// The variables that lead a client to a proxy, and those that except hosts from it.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Where the broker listens.
const HERE: &str = "127.0.0.1";

/// A profile, and the variables by which its clients are led to the broker.
pub(super) struct Led {
    pub(super) profile: Arc<ProviderProfile>,
    variables: ClientVariables,
}

impl Led {
    /// Returns the profile with the base URL below which its clients add their paths.
    pub(super) fn behind_root(&self) -> ProviderProfile {
        let base_url = self.variables.root.clone();
        ProviderProfile { base_url, ..ProviderProfile::clone(&self.profile) }
    }
}

/// Returns the profiles of these names. A client that reads one variable can't be led to two.
pub(super) fn led(names: &[String], providers: &ProvidersToml) -> Result<Vec<Led>, CliError> {
    let mut led: Vec<Led> = Vec::new();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for name in names {
        let profile = Arc::clone(providers.profile(name)?);
        let variables = profile.client_variables();
        if let Some(first) = taken.insert(variables.base_url, name) {
            let variable = variables.base_url;
            let message = format!("'{first}' and '{name}' would both be in {variable}");
            return Err(CliError::usage(message).with_hint(remedy::RUN_ONE.to_owned()));
        }
        led.push(Led { profile, variables });
    }
    Ok(led)
}

/// Removes the variables that hold the keys of profiles, and those with one of `secrets` in
/// them, whatever they are called.
pub(super) fn clear(command: &mut Command, providers: &ProvidersToml, secrets: &[Secret]) {
    for variable in keys(providers) {
        command.env_remove(variable);
    }
    for (name, value) in env::vars_os() {
        let is_in = |secret: &Secret| {
            let secret = secret.expose().as_bytes();
            !secret.is_empty()
                && value.as_encoded_bytes().windows(secret.len()).any(|part| part == secret)
        };
        if secrets.iter().any(is_in) {
            command.env_remove(name);
        }
    }
}

/// Sets the variables that lead the clients of a profile to the broker.
pub(super) fn lead(command: &mut Command, led: &Led, base_url: &str, pass: &Secret) {
    let Led { profile, variables } = led;
    command.env(variables.base_url, base_url);
    command.env(variables.key, pass.expose());
    // A program that was made for this profile. Clients of the provider may prefer another
    // name of the key to the one above, or send both.
    let known = profile.known_provider().map(|known| known.variables).unwrap_or_default();
    let own = profile.api_key_env.as_deref();
    if let Some(own) = own.filter(|own| !known.contains(own)) {
        command.env(own, pass.expose());
    }
}

/// Keeps clients from asking a proxy for the broker.
pub(super) fn except_from_proxies(command: &mut Command) {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if !PROXIES.into_iter().any(is_set) {
        return;
    }
    let excepted = EXCEPTIONS.into_iter().find(|name| is_set(name)).and_then(env::var_os);
    let mut excepted = excepted.unwrap_or_default();
    if !excepted.is_empty() {
        excepted.push(",");
    }
    excepted.push(HERE);
    for name in EXCEPTIONS {
        command.env(name, &excepted);
    }
}
