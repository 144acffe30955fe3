//! Claude Code: `apiKeyHelper` in settings.json, a line that it gives to a shell.
//!
//! Its base URL is a variable, which settings.json can set for it.

use std::path::PathBuf;

use orchestration_runtime::ProviderProfile;

use super::error::{ClientError, SettingsError};
use super::helper::Helper;
use super::json::Json;
use super::kind::Client;
use super::setup::{self, Setup, other_protocol};

/// The provider that it is made for.
const PROVIDER: &str = "anthropic";
/// Where its requests go unless it is told otherwise.
const BASE_URL: &str = "https://api.anthropic.com";

const HELPER: &[&str] = &["apiKeyHelper"];
const URL: &[&str] = &["env", "ANTHROPIC_BASE_URL"];

pub(super) fn settings() -> Option<PathBuf> {
    Some(Client::ClaudeCode.directory(".claude")?.join("settings.json"))
}

/// The settings files in this directory, which go before those of the user.
pub(super) fn project_settings() -> [PathBuf; 2] {
    [".claude/settings.local.json", ".claude/settings.json"].map(PathBuf::from)
}

pub(super) fn base_url(profile: &ProviderProfile) -> Result<Option<String>, ClientError> {
    if let Some(known) = profile.known_provider().filter(|known| known.name != PROVIDER) {
        return Err(other_protocol(Client::ClaudeCode, profile, known));
    }
    Ok(Some(setup::base_url(profile)?).filter(|url| url != BASE_URL))
}

pub(super) fn found(text: &str) -> Result<Option<Setup>, SettingsError> {
    let settings = Json::parse(text)?;
    let helper = settings.string(HELPER).and_then(|line| Helper::of_line(&line));
    let base_url = settings.string(URL);
    Ok(helper.map(|helper| Setup { helper, base_url, provider: None }))
}

pub(super) fn added(text: &str, setup: &Setup) -> Result<String, SettingsError> {
    let settings = Json::parse(text)?;
    if let Some(taken) = [HELPER, URL].into_iter().find(|path| settings.has(path)) {
        return Err(SettingsError::Occupied(taken.join(".")));
    }
    settings.set(HELPER, setup.helper.line())?;
    if let Some(url) = &setup.base_url {
        settings.set(URL, url.as_str())?;
    }
    Ok(settings.text())
}

pub(super) fn removed(text: &str) -> Result<String, SettingsError> {
    if found(text)?.is_none() {
        return Ok(text.to_owned());
    }
    let settings = Json::parse(text)?;
    settings.remove(HELPER);
    settings.remove(URL);
    Ok(settings.text())
}
