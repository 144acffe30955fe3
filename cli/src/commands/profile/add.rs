//! `orchestration profile add`

use std::path::Path;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueHint};
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{
    BaseUrl, KeyFileFault, KnownProvider, NO_AUTH_TYPE, PROVIDERS, VariableFault, is_auth_type,
    is_profile_name, key_file_fault,
};
use toml_edit::TableLike;

use crate::complete::auth_types;
use crate::config::{self, ConfigFile, EditError, entry};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::{stdout, style, text};

const HELP: &str = "\
Appends [profiles.NAME] to providers.toml, and leaves everything else in the file
unchanged, including comments.

Exit status: 0 added, 2 usage or configuration error; providers.toml is unchanged

Examples:
  orchestration profile add --preset mistral
  orchestration profile add fast --preset groq
  orchestration profile add corp --base-url https://llm.corp.example/v1 --api-key-env CORP_TOKEN
  orchestration profile add corp --api-key-file /var/run/secrets/corp/token
  orchestration profile add gpu --base-url http://192.168.1.20:11434/v1 --auth-type none";

/// Add a profile to providers.toml
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct AddArgs {
    /// The profile's name [default: the name of the preset]
    #[arg(required_unless_present = "preset")]
    name: Option<String>,

    /// A known provider; other options override its values
    #[arg(long, value_name = "PRESET", value_parser = presets(), hide_possible_values = true)]
    preset: Option<String>,

    /// The URL to send requests to
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// The environment variable that holds the key; never the key itself
    #[arg(long, value_name = "VAR")]
    api_key_env: Option<String>,

    /// The file that holds the key, absolute or with ~/
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    api_key_file: Option<String>,

    /// The strategy that finds the credential
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(auth_types))]
    auth_type: Option<String>,
}

impl AddArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        add(self, config)
    }
}

/// The names of the presets.
fn presets() -> PossibleValuesParser {
    let mut names: Vec<&str> = PROVIDERS.iter().filter_map(|known| known.preset).collect();
    names.sort_unstable();
    PossibleValuesParser::new(names)
}

/// The values of the new entry.
struct Entry {
    base_url: Option<String>,
    api_key_env: Option<String>,
    api_key_file: Option<String>,
    auth_type: Option<String>,
    /// None for the usual protocol.
    provider: Option<&'static str>,
    /// Whether agents may fall back to OpenAI's key. Never for a preset, which is
    /// another company's host.
    fallback_env: Option<bool>,
}

/// Adds the entry, unless the file has one of this name.
fn add(arguments: &AddArgs, config: Option<&Path>) -> Result<Exit, CliError> {
    let known = arguments.preset.as_deref().and_then(KnownProvider::of_preset);
    let name =
        arguments.name.as_deref().or(known.and_then(|known| known.preset)).unwrap_or_default();
    check(name, arguments)?;
    let path = config::path(config)?;
    let file = ConfigFile::open(&path)?;
    if file.providers()?.place(name).is_some() {
        return Err(EditError::ProfileExists { name: name.to_owned(), path }.into());
    }
    let new = Entry::of(arguments, known);
    let changed = entry::write(file.text()?, entry::PROFILES, name, |table| new.write(table))
        .map_err(EditError::from)?;
    file.replace(changed.as_bytes())?;

    let mut message = format!("{} added {name} to {}\n", style::good(), text::link(&path));
    match (&new.api_key_env, &new.api_key_file) {
        (Some(variable), _) => {
            message += &format!("  Set its key with: export {variable}=your-key-here\n")
        }
        (None, Some(path)) => message += &format!("  Write its key into {path}\n"),
        (None, None) => message += &format!("  Check it with: orchestration auth login {name}\n"),
    }
    let page = known.and_then(|known| known.key_page);
    if let (Some(page), Some(_)) = (page, &new.api_key_env) {
        message += &format!("  Make a key at: {page}\n");
    }
    let url: Option<BaseUrl> = new.base_url.as_deref().and_then(|url| url.parse().ok());
    if let Some(placeholder) = url.as_ref().and_then(BaseUrl::placeholder) {
        message += &format!(
            "  Replace {placeholder} in its URL by your own: orchestration profile edit\n"
        );
    }
    stdout::print(&message)?;
    Ok(Exit::Fine)
}

fn check(name: &str, arguments: &AddArgs) -> Result<(), EditError> {
    if !is_profile_name(name) {
        return Err(EditError::ProfileName);
    }
    match arguments.api_key_env.as_deref().and_then(VariableFault::of_key_variable) {
        Some(VariableFault::Key | VariableFault::Form) => return Err(EditError::KeyVariable),
        Some(VariableFault::Reserved) => return Err(EditError::ReservedVariable),
        None => {}
    }
    match arguments.api_key_file.as_deref().and_then(key_file_fault) {
        Some(KeyFileFault::Key) => return Err(EditError::KeyFile),
        Some(fault) => return Err(EditError::KeyFilePath(fault)),
        None => {}
    }
    if let Some(url) = &arguments.base_url {
        url.parse::<BaseUrl>().map_err(EditError::BaseUrl)?;
    }
    if arguments.auth_type.as_deref().is_some_and(|name| !is_auth_type(name)) {
        return Err(EditError::AuthType);
    }
    let names_key = arguments.api_key_env.is_some() || arguments.api_key_file.is_some();
    if arguments.auth_type.as_deref() == Some(NO_AUTH_TYPE) && names_key {
        return Err(EditError::KeyOfNone);
    }
    Ok(())
}

impl Entry {
    fn of(arguments: &AddArgs, known: Option<&KnownProvider>) -> Self {
        let base_url = known.map(|known| known.base_url.to_owned());
        let has_none = arguments.auth_type.as_deref() == Some(NO_AUTH_TYPE);
        // A server on this machine needs a key only if someone set one up.
        let has_file = arguments.api_key_file.is_some();
        let needs_variable = !has_none && !has_file;
        let needs_key =
            known.filter(|known| needs_variable && !known.base_url.starts_with("http://"));
        let api_key_env = needs_key.and_then(KnownProvider::variable).map(str::to_owned);
        let other_protocol = known.filter(|known| !known.speaks_openai);
        Self {
            base_url: arguments.base_url.clone().or(base_url),
            api_key_env: arguments.api_key_env.clone().or(api_key_env),
            api_key_file: arguments.api_key_file.clone(),
            auth_type: arguments.auth_type.clone(),
            provider: other_protocol.map(|known| known.name),
            fallback_env: known.map(|_| false),
        }
    }

    fn write(&self, table: &mut dyn TableLike) {
        let texts = [
            ("base_url", &self.base_url),
            ("api_key_env", &self.api_key_env),
            ("api_key_file", &self.api_key_file),
            ("auth_type", &self.auth_type),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                entry::set(table, key, text);
            }
        }
        if let Some(provider) = self.provider {
            entry::set(table, "provider", provider);
        }
        if let Some(fallback_env) = self.fallback_env {
            table.insert("fallback_env", toml_edit::value(fallback_env));
        }
    }
}
