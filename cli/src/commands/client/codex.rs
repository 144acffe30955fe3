//! codex: a table `model_providers.orchestration` in config.toml, with a command that it runs
//! without a shell, and `model_provider`, which picks it.

use std::path::PathBuf;

use orchestration_runtime::ProviderProfile;
use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, TomlError, Value};

use super::error::{ClientError, SettingsError};
use super::helper::Helper;
use super::kind::Client;
use super::setup::{self, Setup, other_protocol};
use crate::config::entry;

/// The table of providers, our name in it, and the key that picks one.
const PROVIDERS: &str = "model_providers";
const OURS: &str = "orchestration";
const PICKED: &str = "model_provider";

/// How long codex waits for the command, in milliseconds: as long as a slow renewal takes.
const TIMEOUT: i64 = 30_000;

pub(super) fn settings() -> Option<PathBuf> {
    Some(Client::Codex.directory(".codex")?.join("config.toml"))
}

pub(super) fn base_url(profile: &ProviderProfile) -> Result<String, ClientError> {
    if let Some(known) = profile.known_provider().filter(|known| !known.speaks_openai) {
        return Err(other_protocol(Client::Codex, profile, known));
    }
    setup::base_url(profile)
}

pub(super) fn found(text: &str) -> Result<Option<Setup>, SettingsError> {
    let settings = parse(text)?;
    let table = settings.get(PROVIDERS).and_then(|providers| providers.get(OURS));
    Ok(table.and_then(|table| {
        let auth = table.get("auth")?;
        let text = |item: &Item| item.as_str().map(str::to_owned);
        let arguments = auth.get("args")?.as_array()?.iter();
        let arguments = arguments.map(|word| word.as_str().map(str::to_owned));
        let words: Option<Vec<_>> =
            [auth.get("command").and_then(text)].into_iter().chain(arguments).collect();
        let helper = Helper::of_words(&words?)?;
        Some(Setup { helper, base_url: table.get("base_url").and_then(text), provider: None })
    }))
}

pub(super) fn added(text: &str, setup: &Setup) -> Result<String, SettingsError> {
    let mut settings = parse(text)?;
    if settings.contains_key(PICKED) {
        return Err(SettingsError::Occupied(PICKED.to_owned()));
    }
    let providers = settings.get(PROVIDERS);
    if providers.is_some_and(|providers| !providers.is_table_like()) {
        return Err(SettingsError::NotAnObject(PROVIDERS.to_owned()));
    }
    if providers.is_some_and(|providers| providers.get(OURS).is_some()) {
        return Err(SettingsError::Occupied(format!("{PROVIDERS}.{OURS}")));
    }
    settings.insert(PICKED, Item::Value(OURS.into()));
    let written = entry::write(&settings.to_string(), PROVIDERS, OURS, |table| fill(table, setup));
    let written = written.map_err(|error| broken(text, &error))?;
    Ok(entry::with_newlines_of(text, written))
}

fn fill(table: &mut dyn TableLike, setup: &Setup) {
    let mut set = |key, value: Value| drop(table.insert(key, Item::Value(value)));
    set("name", format!("{OURS}: {}", setup.helper.profile).into());
    set("base_url", setup.base_url.as_deref().unwrap_or_default().into());
    set("wire_api", "responses".into());
    let words = setup.helper.words();
    let (program, arguments) =
        words.split_first().map_or(("", &words[..]), |(program, rest)| (program.as_str(), rest));
    let mut auth = InlineTable::new();
    auth.insert("command", program.into());
    auth.insert("args", arguments.iter().collect::<Array>().into());
    auth.insert("timeout_ms", TIMEOUT.into());
    set("auth", auth.into());
}

pub(super) fn removed(text: &str) -> Result<String, SettingsError> {
    if found(text)?.is_none() {
        return Ok(text.to_owned());
    }
    let without = entry::remove(text, PROVIDERS, OURS).map_err(|error| broken(text, &error))?;
    let mut settings = parse(&without)?;
    if settings.get(PICKED).and_then(Item::as_str) == Some(OURS) {
        settings.remove(PICKED);
    }
    Ok(entry::with_newlines_of(text, settings.to_string()))
}

fn parse(text: &str) -> Result<DocumentMut, SettingsError> {
    text.parse().map_err(|error| broken(text, &error))
}

/// The place and the reason of an error, without the line itself.
fn broken(text: &str, error: &TomlError) -> SettingsError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    SettingsError::Broken { line, reason: error.message().to_owned() }
}
