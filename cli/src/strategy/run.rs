//! `strategy run FILE`: one call in a made-up environment, everything shown.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use orchestration_runtime::{
    ComponentFile, Environment, Limits, ProviderError, StrategyConfig, is_auth_type, is_built_in,
    is_variable_name,
};

use crate::args::RunArguments;
use crate::auth::explain;
use crate::config;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::host::Host;
use crate::notes::Asked;

/// Asks the component about the profile, whatever strategy that one names.
pub(super) fn run(
    arguments: &RunArguments,
    named: Option<&Path>,
    asked: &Asked,
) -> Result<Exit, CliError> {
    let variables: BTreeMap<String, OsString> =
        arguments.env.iter().map(|pair| made_up(pair)).collect::<Result<_, _>>()?;
    let name = name(&arguments.file);
    let providers = config::discover(named)?;
    let mut profile = providers.profile(&arguments.profile)?.clone();
    Arc::make_mut(&mut profile).auth_type.clone_from(&name);
    let component = ComponentFile::at(&arguments.file).map_err(|error| {
        ProviderError::Unusable { auth_type: name.clone(), failure: Box::new(error.into()) }
    })?;
    let strategy = StrategyConfig {
        auth_type: name,
        component: Some(component),
        env: variables.keys().cloned().collect(),
        limits: Limits::default(),
    };
    let environment = Environment::Fixed(variables);
    let host = Host::with_environment(providers.with_strategy(strategy), environment)?;
    host.run(explain::run(profile, &host.registry, asked, "--env"))
}

/// The component's name, as its author would give it as an auth type.
fn name(file: &Path) -> String {
    let stem = file.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let fits = is_auth_type(stem) && !is_built_in(stem);
    if fits { stem } else { "strategy" }.to_owned()
}

/// `NAME=VALUE`. The value may be anything: it is what is to be tried.
fn made_up(pair: &OsStr) -> Result<(String, OsString), CliError> {
    let bytes = pair.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=').ok_or(CliError::MadeUp)?;
    let (name, value) = bytes.split_at(at);
    let name = str::from_utf8(name).ok().filter(|name| is_variable_name(name));
    let name = name.ok_or(CliError::MadeUp)?;
    let value = value.strip_prefix(b"=").unwrap_or_default();
    Ok((name.to_owned(), OsStr::from_bytes(value).to_owned()))
}
