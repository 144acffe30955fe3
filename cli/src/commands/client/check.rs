//! What `doctor` finds of the clients that are set up.
//!
//! A client that can't run its helper says little more than that there is no key. And a
//! variable in one shell can send the key of one server to another.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use orchestration_runtime::{ProvidersToml, sanitize};

use super::claude_code;
use super::error::{ClientError, SettingsError};
use super::helper::Helper;
use super::kind::{Client, WITH_HELPER};
use super::settings::Settings;
use super::setup::Setup;
use crate::commands::key_file::Checked;
use crate::error::CliError;
use crate::platform::core_dumps;
use crate::remedy;
use crate::ui::text;

/// Checks the clients that are set up for a profile.
pub(crate) fn check(providers: &ProvidersToml) -> Vec<Checked> {
    WITH_HELPER.into_iter().flat_map(|client| check_one(client, providers)).collect()
}

fn check_one(client: Client, providers: &ProvidersToml) -> Vec<Checked> {
    let settings = match read(client) {
        Ok(settings) => settings,
        // There are no settings.
        Err(ClientError::NoHome(_)) => return Vec::new(),
        Err(ClientError::Settings { path, error: error @ SettingsError::Broken { .. } }) => {
            let seen = format!("{client}: {} {error}", text::link(&path));
            let remedy = remedy::EDIT_SETTINGS.to_owned();
            return vec![Checked { seen, remedy: Some(remedy) }];
        }
        Err(error) => {
            let error = CliError::from(error);
            let remedy = error.hint().unwrap_or(remedy::EDIT_SETTINGS).to_owned();
            return vec![Checked { seen: format!("{client}: {error}"), remedy: Some(remedy) }];
        }
    };
    let Some(setup) = &settings.setup else { return Vec::new() };
    let profile = &setup.helper.profile;
    let file = text::link(settings.file.path());
    let name = sanitize(profile, []);
    let again = || remedy::add_client(client, profile);
    if let Some(fault) = fault(client, setup, providers) {
        let seen = format!("{client}: the helper in {file} {fault}");
        return vec![Checked { seen, remedy: Some(again()) }];
    }
    let variables = contradictions(client, setup, providers, &file);
    if !variables.is_empty() {
        return variables;
    }
    match answer(&setup.helper) {
        Ok(()) => vec![Checked { seen: format!("{client} uses {name}, see {file}"), remedy: None }],
        Err(reason) => {
            let seen = format!("{client}: the helper in {file} has no key of {name}: {reason}");
            vec![Checked { seen, remedy: Some(remedy::explain(profile)) }]
        }
    }
}

/// The settings of a client: those of a project before those of the user, as Claude Code has
/// it.
fn read(client: Client) -> Result<Settings, ClientError> {
    if client == Client::ClaudeCode {
        for path in claude_code::project_settings() {
            match Settings::at(client, path) {
                Ok(settings) if settings.setup.is_some() => return Ok(settings),
                // A project's file is the project's business.
                _ => {}
            }
        }
    }
    Settings::of(client)
}

/// What is wrong with the lines of a client, in words.
fn fault(client: Client, setup: &Setup, providers: &ProvidersToml) -> Option<String> {
    let program = Path::new(&setup.helper.program);
    if !program.is_absolute() {
        return Some("is not an absolute path, so it depends on PATH which program it is".into());
    }
    if !program.is_file() {
        return Some(format!("is {}, which does not exist", text::link(program)));
    }
    // Another file has other profiles.
    if setup.helper.config.is_some() {
        return None;
    }
    let Ok(profile) = providers.profile(&setup.helper.profile) else {
        let name = sanitize(&setup.helper.profile, []);
        return Some(format!("is for '{name}', and there is no such profile"));
    };
    match client.place(profile) {
        Ok((base_url, _)) if base_url == setup.base_url => None,
        Ok(_) => Some(format!("sends the key of {} to another server than base_url", profile.name)),
        Err(error) => Some(format!("can't be used: {error}")),
    }
}

/// The variables that are set beside a helper of ours.
fn contradictions(
    client: Client,
    setup: &Setup,
    providers: &ProvidersToml,
    file: &str,
) -> Vec<Checked> {
    let profile = providers.profile(&setup.helper.profile).ok();
    let own = profile.and_then(|profile| profile.api_key_env.as_deref());
    let effects: Vec<(&str, String)> = match client {
        Client::ClaudeCode => {
            let ignored = format!("so Claude Code ignores the apiKeyHelper in {file}");
            let two = format!(
                "so Claude Code sends two keys, that one and the one of the apiKeyHelper in {file}"
            );
            let elsewhere = "so Claude Code sends its key there".to_owned();
            let mut effects = vec![("ANTHROPIC_AUTH_TOKEN", ignored), ("ANTHROPIC_API_KEY", two)];
            if setup.base_url.is_none() {
                effects.push(("ANTHROPIC_BASE_URL", elsewhere));
            }
            effects
        }
        Client::Pi => {
            let known = profile.and_then(|profile| profile.known_provider());
            let variables = known.map(|known| known.variables).unwrap_or_default().iter();
            let others = variables.copied().filter(|variable| own != Some(variable));
            others.map(|name| (name, format!("so pi ignores the apiKey in {file}"))).collect()
        }
        _ => Vec::new(),
    };
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let set = effects.into_iter().filter(|(variable, _)| is_set(variable));
    set.map(|(variable, effect)| Checked {
        seen: format!("{variable} is set, {effect}"),
        remedy: Some(remedy::unset(variable)),
    })
    .collect()
}

/// Runs the helper, if it is this program: a project's file may name any other.
fn answer(helper: &Helper) -> Result<(), String> {
    let this = env::current_exe().and_then(|path| path.canonicalize());
    let named = Path::new(&helper.program).canonicalize();
    match (this, named) {
        (Ok(this), Ok(named)) if this == named => {}
        _ => return Ok(()),
    }
    let words = helper.words();
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    core_dumps::restore_limit();
    let ran = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output();
    core_dumps::turn_off();
    match ran {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let line = said.lines().next().unwrap_or_default();
            let line = line.strip_prefix("error: ").unwrap_or(line);
            Err(sanitize(line, []).to_string())
        }
        Err(error) => Err(error.to_string()),
    }
}
