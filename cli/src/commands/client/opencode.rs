//! opencode: a plugin, which is a file of its own in the directory of its settings.
//!
//! opencode.json takes a key or the name of a variable, and no command. A plugin may set the
//! headers of each request, so the key is asked for when it is needed and not kept.

use std::path::PathBuf;

use orchestration_runtime::ProviderProfile;
use serde_json::{Value, json};

use super::error::{ClientError, SettingsError};
use super::helper::Helper;
use super::kind::Client;
use super::setup::{self, Named, Setup};

/// The providers of the catalogue, and what opencode calls them.
const PROVIDERS: &[(&str, &str)] = &[
    ("anthropic", "anthropic"),
    ("openai", "openai"),
    ("gemini", "google"),
    ("openrouter", "openrouter"),
    ("groq", "groq"),
    ("mistral", "mistral"),
    ("deepseek", "deepseek"),
    ("together", "togetherai"),
    ("xai", "xai"),
];

/// How the plugin begins, by which it is known to be ours.
const START: &str = "\
// Written by `orchestration client add opencode`. Do not edit it:
// `orchestration client remove opencode` removes the whole file.
";

const HELPER: &str = "const helper = ";
const PROVIDER: &str = "const provider = ";

/// What follows the two constants.
const REST: &str = r#"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

export const Orchestration = async () => ({
  config: async (config) => {
    config.provider ??= {}
    const known = config.provider[provider.id]
    config.provider[provider.id] = {
      ...provider.unknown,
      ...known,
      // The header below takes the place of this key.
      options: { ...known?.options, baseURL: provider.baseURL, apiKey: "orchestration" },
    }
  },
  "chat.headers": async (input, output) => {
    if (input.model.providerID !== provider.id) return
    const { stdout } = await run(helper[0], helper.slice(1))
    Object.assign(output.headers, JSON.parse(stdout))
  },
})
"#;

pub(super) fn settings() -> Option<PathBuf> {
    Some(Client::Opencode.directory(".config")?.join("opencode/plugin/orchestration.js"))
}

pub(super) fn place(
    profile: &ProviderProfile,
) -> Result<(Option<String>, Option<Named>), ClientError> {
    let (mut base_url, named) = setup::place_among(Client::Opencode, profile, PROVIDERS)?;
    if named.id == "anthropic" {
        base_url.push_str("/v1");
    }
    Ok((Some(base_url), Some(named)))
}

pub(super) fn found(text: &str) -> Result<Option<Setup>, SettingsError> {
    if !text.starts_with(START) {
        return Ok(None);
    }
    let constant = |start: &str| -> Option<Value> {
        let line = text.lines().find_map(|line| line.strip_prefix(start))?;
        serde_json::from_str(line).ok()
    };
    let read = || -> Option<Setup> {
        let words: Vec<String> = serde_json::from_value(constant(HELPER)?).ok()?;
        let provider = constant(PROVIDER)?;
        let text = |name: &str| provider.get(name)?.as_str().map(str::to_owned);
        let models = provider.get("unknown").and_then(|unknown| unknown.get("models")?.as_object());
        let model = models.and_then(|models| models.keys().next().cloned());
        let named = Named { id: text("id")?, model };
        let helper = Helper::of_words(&words)?;
        Some(Setup { helper, base_url: text("baseURL"), provider: Some(named) })
    };
    Ok(read())
}

pub(super) fn added(text: &str, setup: &Setup) -> Result<String, SettingsError> {
    if !text.is_empty() {
        return Err(SettingsError::Occupied("this plugin".to_owned()));
    }
    let Some(Named { id, model }) = &setup.provider else { return Ok(String::new()) };
    let mut provider = json!({ "id": id, "baseURL": setup.base_url });
    if let (Some(model), Value::Object(provider)) = (model, &mut provider) {
        let unknown = json!({
            "npm": "@ai-sdk/openai-compatible",
            "name": setup.helper.profile,
            "models": { model: {} },
        });
        provider.insert("unknown".to_owned(), unknown);
    }
    let helper = json!(setup.helper.words());
    Ok(format!("{START}{HELPER}{helper}\n{PROVIDER}{provider}\n{REST}"))
}

/// Nothing is left of a file that is ours.
pub(super) fn removed(text: &str) -> String {
    if text.starts_with(START) { String::new() } else { text.to_owned() }
}
