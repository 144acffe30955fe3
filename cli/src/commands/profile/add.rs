//! `orchestration profile add`

use std::path::Path;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueHint};
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{
    BaseUrl, KeyFileFault, KnownProvider, NO_AUTH_TYPE, PROVIDERS, VariableFault, is_auth_type,
    is_profile_name, key_file_fault,
};

use super::new_profile::NewProfile;
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

    /// Returns the profile that the arguments describe.
    fn profile(&self, known: Option<&KnownProvider>) -> NewProfile {
        let has_none = self.auth_type.as_deref() == Some(NO_AUTH_TYPE);
        let preset = known.map(NewProfile::of_preset).unwrap_or_default();
        // A key in a file needs no variable.
        let needs_variable = !has_none && self.api_key_file.is_none();
        NewProfile {
            base_url: self.base_url.clone().or(preset.base_url),
            api_key_env: self.api_key_env.clone().or(preset.api_key_env.filter(|_| needs_variable)),
            api_key_file: self.api_key_file.clone(),
            auth_type: self.auth_type.clone(),
            ..preset
        }
    }
}

/// The names of the presets.
fn presets() -> PossibleValuesParser {
    let mut names: Vec<&str> = PROVIDERS.iter().filter_map(|known| known.preset).collect();
    names.sort_unstable();
    PossibleValuesParser::new(names)
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
    let new = arguments.profile(known);
    let changed = entry::write(file.text()?, entry::PROFILES, name, |table| new.write(table))
        .map_err(EditError::from)?;
    file.replace(changed.as_bytes())?;

    let added = format!("{} added {name} to {}\n", style::good(), text::link(&path));
    stdout::print(&(added + &new.next_steps(name, known)))?;
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
