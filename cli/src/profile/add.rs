//! `profile add NAME`: writes a profile into providers.toml.

use std::path::Path;

use orchestration_runtime::{ProvidersToml, is_auth_type, is_profile_name, is_variable_name};
use toml_edit::TableLike;

use super::PROFILES;
use super::preset::{self, Known};
use crate::args::AddProfileArguments;
use crate::config::{ConfigFile, entry};
use crate::exit::Exit;
use crate::failure::{CliError, EditError};
use crate::output;

/// What the entry will say.
struct Entry {
    base_url: Option<String>,
    api_key_env: Option<String>,
    auth_type: Option<String>,
    /// Whether agents may send a key of OpenAI's there. Never to a preset: it is
    /// the host of somebody else.
    fallback_env: Option<bool>,
}

/// Writes the entry if the file has none of this name.
pub(super) fn run(arguments: &AddProfileArguments, named: Option<&Path>) -> Result<Exit, CliError> {
    let known = arguments.preset.map(preset::known);
    let name = arguments.name.as_deref().or(known.map(|known| known.name)).unwrap_or_default();
    check(name, arguments)?;
    let path = ProvidersToml::path(named).ok_or(EditError::NoPlace)?;
    let providers = ProvidersToml::load_if_there(&path)?;
    if providers.place(name).is_some() {
        return Err(EditError::ProfileExists { name: name.to_owned(), path }.into());
    }
    let new = Entry::of(arguments, known);
    let file = ConfigFile::open(&path)?;
    let text = entry::write(file.text(), PROFILES, name, |table| new.write(table))?;
    file.replace(&text)?;

    let mut said = format!("{} added {name} to {}\n", output::good(), output::file(&path));
    match &new.api_key_env {
        Some(variable) => said += &format!("  Set its key with: export {variable}=your-key-here\n"),
        None => said += &format!("  See how it stands with: orchestration auth login {name}\n"),
    }
    if new.base_url.as_deref().is_some_and(|url| url.contains("RESOURCE")) {
        said += "  Put the name of your resource into its URL with: orchestration profile edit\n";
    }
    output::print(&said)?;
    Ok(Exit::Fine)
}

fn check(name: &str, arguments: &AddProfileArguments) -> Result<(), EditError> {
    if !is_profile_name(name) {
        return Err(EditError::ProfileName);
    }
    if arguments.api_key_env.as_deref().is_some_and(|name| !is_variable_name(name)) {
        return Err(EditError::KeyVariable);
    }
    if arguments.auth_type.as_deref().is_some_and(|name| !is_auth_type(name)) {
        return Err(EditError::Name);
    }
    Ok(())
}

impl Entry {
    fn of(arguments: &AddProfileArguments, known: Option<Known>) -> Self {
        let base_url = known.map(|known| known.base_url.to_owned());
        let api_key_env = known.and_then(|known| known.api_key_env).map(str::to_owned);
        Self {
            base_url: arguments.base_url.clone().or(base_url),
            api_key_env: arguments.api_key_env.clone().or(api_key_env),
            auth_type: arguments.auth_type.clone(),
            fallback_env: known.map(|_| false),
        }
    }

    fn write(&self, table: &mut dyn TableLike) {
        let texts = [
            ("base_url", &self.base_url),
            ("api_key_env", &self.api_key_env),
            ("auth_type", &self.auth_type),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                entry::set(table, key, text);
            }
        }
        if let Some(fallback_env) = self.fallback_env {
            table.insert("fallback_env", toml_edit::value(fallback_env));
        }
    }
}
