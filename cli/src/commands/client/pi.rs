//! pi: a provider in models.json, whose key is a line for a shell after `!`.
//!
//! pi also takes commands in auth.json, and keeps what they print until it ends. Those in
//! models.json are run for each request.

use std::path::PathBuf;

use jsonc_parser::json;
use orchestration_runtime::ProviderProfile;

use super::error::{ClientError, SettingsError};
use super::helper::Helper;
use super::json::Json;
use super::kind::Client;
use super::setup::{self, Named, Setup};

/// The providers of the catalogue, and what pi calls them.
const PROVIDERS: &[(&str, &str)] = &[
    ("anthropic", "anthropic"),
    ("openai", "openai"),
    ("gemini", "google"),
    ("openrouter", "openrouter"),
    ("groq", "groq"),
    ("mistral", "mistral"),
    ("deepseek", "deepseek"),
    ("xai", "xai"),
];

pub(super) fn settings() -> Option<PathBuf> {
    Some(Client::Pi.directory(".pi/agent")?.join("models.json"))
}

pub(super) fn place(
    profile: &ProviderProfile,
) -> Result<(Option<String>, Option<Named>), ClientError> {
    let (base_url, named) = setup::place_among(Client::Pi, profile, PROVIDERS)?;
    Ok((Some(base_url), Some(named)))
}

pub(super) fn found(text: &str) -> Result<Option<Setup>, SettingsError> {
    let settings = Json::parse(text)?;
    Ok(settings.names(&["providers"]).into_iter().find_map(|id| {
        let line = settings.string(&["providers", &id, "apiKey"])?;
        let helper = Helper::of_line(line.strip_prefix('!')?)?;
        let base_url = settings.string(&["providers", &id, "baseUrl"]);
        let model = settings.string(&["providers", &id, "name"]);
        Some(Setup { helper, base_url, provider: Some(Named { id, model }) })
    }))
}

pub(super) fn added(text: &str, setup: &Setup) -> Result<String, SettingsError> {
    let settings = Json::parse(text)?;
    let Some(Named { id, model }) = &setup.provider else { return Ok(text.to_owned()) };
    let at = |member| ["providers", id.as_str(), member];
    if let Some(taken) = ["apiKey", "baseUrl"].into_iter().find(|name| settings.has(&at(name))) {
        return Err(SettingsError::Occupied(at(taken).join(".")));
    }
    if let Some(base_url) = &setup.base_url {
        settings.set(&at("baseUrl"), base_url.as_str())?;
    }
    settings.set(&at("apiKey"), format!("!{}", setup.helper.line()))?;
    if let Some(model) = model {
        settings.set(&at("name"), model.as_str())?;
        settings.set(&at("api"), "openai-completions")?;
        settings.set(&at("models"), json!([{ "id": (model.as_str()) }]))?;
    }
    Ok(settings.text())
}

pub(super) fn removed(text: &str) -> Result<String, SettingsError> {
    let Some(Setup { provider: Some(Named { id, model }), .. }) = found(text)? else {
        return Ok(text.to_owned());
    };
    let settings = Json::parse(text)?;
    if model.is_some() {
        settings.remove(&["providers", &id]);
    }
    for member in ["apiKey", "baseUrl"] {
        settings.remove(&["providers", &id, member]);
    }
    Ok(settings.text())
}
