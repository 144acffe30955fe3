//! `strategy add FILE --auth-type NAME`: shows what a component is, and writes
//! it into providers.toml.

use std::fs;
use std::path::{Path, PathBuf};

use orchestration_runtime::{
    Description, ProvidersToml, is_auth_type, is_built_in, is_variable_name,
};

use super::entry::Entry;
use super::inspect;
use crate::args::AddArguments;
use crate::config::{ConfigFile, folder_of};
use crate::exit::Exit;
use crate::failure::{self, CliError, EditError};
use crate::host::Host;
use crate::output;

/// Looks at the component, and writes its entry if it can be used.
pub(super) fn run(arguments: &AddArguments, config: Option<&Path>) -> Result<Exit, CliError> {
    check(arguments)?;
    let AddArguments { file, auth_type, env } = arguments;
    let path = ProvidersToml::path(config).ok_or(EditError::NoPlace)?;
    let host = Host::of(ProvidersToml::load_if_there(&path)?)?;
    let inspection = host.run(host.registry.inspect_as(auth_type, file))?;
    output::print(&inspect::report(&inspection))?;
    let description = inspection.description?;

    let component = component(file, folder_of(&path))?;
    let sha256 = &inspection.sha256;
    let config_file = ConfigFile::open(&path)?;
    let entry = Entry { name: auth_type, component: &component, sha256, env };
    let text = entry.write(config_file.text())?;
    config_file.replace(&text)?;

    let known = host.providers.strategies().find(|known| known.auth_type == *auth_type);
    let done = if known.is_some() { "updated" } else { "added" };
    let mut said = format!("{} {done} {auth_type} in {}\n", output::good(), path.display());
    if host.providers.profiles().all(|profile| profile.auth_type != *auth_type) {
        said += &format!("  Use it in a profile with: auth_type = \"{auth_type}\"\n");
    }
    output::print(&said)?;
    let users = host.providers.profiles().filter(|profile| profile.auth_type == *auth_type);
    let named = users.filter_map(|profile| profile.api_key_env.as_ref());
    let granted = known.iter().flat_map(|known| &known.env).chain(env);
    let granted: Vec<&String> = granted.chain(named).collect();
    tell_what_is_lacking(arguments, config, &description, &granted);
    Ok(Exit::Fine)
}

fn check(arguments: &AddArguments) -> Result<(), EditError> {
    if !is_auth_type(&arguments.auth_type) {
        return Err(EditError::Name);
    }
    if is_built_in(&arguments.auth_type) {
        return Err(EditError::BuiltIn(arguments.auth_type.clone()));
    }
    let good = arguments.env.iter().all(|name| is_variable_name(name));
    good.then_some(()).ok_or(EditError::Variable)
}

/// `file` as providers.toml names it: relative to its folder where it lies in
/// there, so that the folder can be moved as a whole.
fn component(file: &Path, folder: &Path) -> Result<String, EditError> {
    let absolute = absolute(file);
    let inside = fs::canonicalize(folder).ok();
    let inside = inside.and_then(|folder| absolute.strip_prefix(folder).ok());
    let path = inside.unwrap_or(&absolute);
    let path = path.to_str().ok_or_else(|| EditError::Path(path.to_owned()))?;
    Ok(path.to_owned())
}

/// The path from the root, through no link but the file itself: one that is
/// turned to another version is meant to be.
fn absolute(file: &Path) -> PathBuf {
    match (fs::canonicalize(folder_of(file)), file.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        // It was read a moment ago; the next command will say if it is gone.
        _ => file.to_owned(),
    }
}

/// The strategy is taken in all the same: a profile may name what it lacks, or
/// the user may not want to grant it.
fn tell_what_is_lacking(
    arguments: &AddArguments,
    config: Option<&Path>,
    description: &Description,
    granted: &[&String],
) {
    let AddArguments { file, auth_type, env } = arguments;
    let lacking: Vec<&String> =
        description.environment.iter().filter(|name| !granted.contains(name)).collect();
    if lacking.is_empty() {
        return;
    }
    let grantable = lacking.iter().copied().filter(|name| is_variable_name(name));
    let config = config.map(|config| format!(" --config {}", quoted(config)));
    let flags: String = env.iter().chain(grantable).map(|name| format!(" --env {name}")).collect();
    failure::not_granted(
        auth_type,
        &lacking,
        &format!(
            "orchestration{} strategy add {} --auth-type {auth_type}{flags}",
            config.unwrap_or_default(),
            quoted(file),
        ),
    );
}

/// A path as a shell takes it for one word.
pub(crate) fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path;
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}
