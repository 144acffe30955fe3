//! `orchestration strategy run`: runs a component once with test values.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueHint};
use orchestration_runtime::{
    Capability, Component, ComponentFile, Environment, Files, HttpOrigin, Limits, ProviderError,
    RecordedCall, StrategyConfig, is_auth_type, is_built_in, is_granted_path, is_variable_name,
};

use super::record;
use crate::commands::auth::trace;
use crate::config::{self, EditError};
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::notes::Steps;
use crate::platform::texts::of_bytes;

const HELP: &str = "\
Asks the component for the profile's credential, whatever strategy the profile
names. The component can use only the variables of --env and the files of --file, none
of your shell's or of this machine's, and can send requests only to the servers of
--origin and to the profile's issuer.
Its output goes to stderr as it runs; the steps and the outcome are shown as
`auth explain` shows them.

--record writes the call and the answers of its servers as a case for
`strategy check`, if FILE is FILE.cases.toml beside FILE.wasm. Each secret in it is
replaced by a placeholder, the same one wherever it occurs. Nothing is written if a
request gets no answer.

Other users of this machine can see the values on a command line: use test values.

Exit status: 0 it returned a credential, 1 no valid credential, 2 usage or
configuration error, 3 it failed

Examples:
  orchestration strategy run corp-sso.wasm --profile corp --env CORP_TOKEN=sk-1234567890
  orchestration strategy run corp-sso.wasm --profile corp --file /run/secrets/corp=sk-1234567890
  orchestration strategy run corp-sso.wasm --profile corp --env CORP_TOKEN=sk-1234567890 \\
    --origin https://login.corp.example --record corp-sso.cases.toml";

/// Run a component once with test values
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RunArgs {
    /// The component
    file: PathBuf,

    /// The profile to ask for, as listed by `auth status`
    #[arg(long)]
    profile: String,

    /// Set this variable and grant it; can be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<OsString>,

    /// Pretend that this file has this content, and grant it; can be repeated
    #[arg(long = "file", value_name = "PATH=TEXT")]
    files: Vec<OsString>,
    /// Let it send requests to this server; can be repeated
    #[arg(long, value_name = "ORIGIN", value_hint = ValueHint::Url)]
    origin: Vec<String>,

    /// Write the call to this new file as a case, with secrets replaced
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    record: Option<PathBuf>,
}

impl RunArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>, steps: &Steps) -> Result<Exit, CliError> {
        self.record.as_deref().map_or(Ok(()), record::expect_new)?;
        let variables: BTreeMap<String, OsString> =
            self.env.iter().map(|pair| variable(pair)).collect::<Result<_, _>>()?;
        let files: BTreeMap<String, Vec<u8>> =
            self.files.iter().map(|pair| test_file(pair)).collect::<Result<_, _>>()?;
        let name = name(&self.file);
        let providers = config::discover(config)?;
        let mut profile = providers.profile(&self.profile)?.clone();
        Arc::make_mut(&mut profile).auth_type.clone_from(&name);
        let read = ComponentFile::at(&self.file).map_err(|error| ProviderError::Unusable {
            auth_type: name.clone(),
            failure: Box::new(error.into()),
        });
        let (component, interface) = read?;
        let strategy = StrategyConfig {
            auth_type: name,
            component: Some(Component::File(component)),
            env: variables.keys().cloned().collect(),
            files: files.keys().cloned().collect(),
            origins: self.origin.iter().map(|text| origin(text)).collect::<Result<_, _>>()?,
            readable: Vec::new(),
            // One whose interface can't be read is not run.
            reveal: interface.is_ok_and(|interface| interface.needs(Capability::Reveal)),
            limits: Limits::default(),
        };
        let environment = Environment::Fixed(variables.clone());
        let host = Host::for_tests(providers.with_strategy(strategy), environment)?;
        host.registry.take_files_from(Files::Fixed(files.clone()));
        let recording = self.record.as_ref().map(|path| (path, host.registry.record()));
        let called = Arc::clone(&profile);
        let look = |outcome: &_| match recording {
            None => Ok(()),
            Some((path, recording)) => {
                let (profile, env, files) = (&*called, &variables, &files);
                let call = RecordedCall { profile, env, files, outcome };
                Ok(record::write(path, &recording, &call)?)
            }
        };
        host.run(trace::run(profile, &host.registry, steps, "--env", look))
    }
}

fn origin(text: &str) -> Result<HttpOrigin, EditError> {
    text.parse().map_err(EditError::Origin)
}

/// `--env` or `--file` got no name, or no value.
#[derive(Debug, thiserror::Error)]
enum NotAPair {
    #[error("--env takes NAME=VALUE, with the name of an environment variable")]
    Variable,
    #[error("--file takes PATH=TEXT, with an absolute path")]
    File,
}

impl From<NotAPair> for CliError {
    fn from(error: NotAPair) -> Self {
        Self::usage(error)
    }
}

/// The auth type for the component: the file's name, if it can be one.
fn name(file: &Path) -> String {
    let stem = file.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let fits = is_auth_type(stem) && !is_built_in(stem);
    if fits { stem } else { "strategy" }.to_owned()
}

/// Parses `NAME=VALUE`. The value may be anything, since strategies are tested with
/// it.
fn variable(pair: &OsStr) -> Result<(String, OsString), NotAPair> {
    let (name, value) = split(pair).ok_or(NotAPair::Variable)?;
    let name = Some(name).filter(|name| is_variable_name(name)).ok_or(NotAPair::Variable)?;
    Ok((name.to_owned(), of_bytes(value)))
}

/// Parses `PATH=TEXT`.
fn test_file(pair: &OsStr) -> Result<(String, Vec<u8>), NotAPair> {
    let (path, text) = split(pair).ok_or(NotAPair::File)?;
    let path = Some(path).filter(|path| is_granted_path(path)).ok_or(NotAPair::File)?;
    Ok((path.to_owned(), text.to_owned()))
}

/// Returns what is before the first `=`, and what is after it.
fn split(pair: &OsStr) -> Option<(&str, &[u8])> {
    let bytes = pair.as_encoded_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=')?;
    let (name, value) = bytes.split_at(at);
    Some((str::from_utf8(name).ok()?, value.strip_prefix(b"=").unwrap_or_default()))
}
