//! `orchestration strategy add`: shows what a component is, and adds it to
//! providers.toml.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{
    Capability, Description, FirstStart, HttpOrigin, VariableFault, is_auth_type, is_built_in,
    is_granted_path, is_readable, is_variable_name, quote, sanitize_path,
};

use super::component::Named;
use super::entry::Entry;
use super::outline::outline;
use super::published::{Found, keys};
use crate::commands::session::{SessionError, sessions};
use crate::complete::auth_types;
use crate::config::{self, ConfigFile, EditError};
use crate::edited_file::directory_of;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::remedy;
use crate::ui::text::quoted;
use crate::ui::{stderr, stdout, style, text};

const HELP: &str = "\
Writes [strategies.NAME] with the component's path, its SHA-256 and the grants,
and leaves everything else in providers.toml unchanged, including
comments. Of a component in a registry, both the digest that the tag leads to
now and that of the component are written, and nothing else is ever run: see
`strategy update` for later versions. Adding a name again replaces the component, and keeps its grants and
limits.

Limits of a call, with their defaults; set others in providers.toml:
  [strategies.NAME]
  limits = { deadline_ms = 2000, memory_mib = 128 }

  deadline_ms       5000      time of a call, without waiting for others
  memory_mib        64        all memories together
  table_elements    100000    all tables together
  instances         100       core instances, memories, tables
  stack_kib         512       stack of the strategy's code
  returned_bytes    65536     names and secrets of a credential
  returned_entries  32        secrets of a credential
  hostcall_bytes    1048576   passed to the host in one call
  http_ms           10000     waiting for answers of servers, besides the time of a call
  http_requests     8         requests of a call
  log_bytes         16384     output that is kept
  component_mib     64        size of the component
  compile_seconds   60        time to compile it
  compile_mib       1024      memory to compile it

Exit status: 0 added, 2 usage or configuration error, or the registry does not give
it, 3 the component can't be used as a strategy; providers.toml is unchanged

Examples:
  orchestration strategy add corp-sso.wasm --auth-type corp-sso
  orchestration strategy add corp-sso.wasm --auth-type corp-sso --env CORP_REGION
  orchestration strategy add corp-sso.wasm --auth-type corp-sso --file /run/secrets/corp
  orchestration strategy add corp-sso-2.wasm --auth-type corp-sso --keep-sessions
  orchestration strategy add oci://ghcr.io/acme/corp-sso:1.2 --auth-type corp-sso
  orchestration strategy add corp-sso.wasm --auth-type corp-sso \\
    --origin https://login.corp.example";

/// How long a first start takes at least to be explained: the user has waited for it.
const NOTICED: Duration = Duration::from_secs(1);

/// The most profiles that are named.
const NAMED: usize = 5;

/// Inspect a component and add it to providers.toml
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct AddArgs {
    /// The component: a file, or oci://HOST/REPOSITORY:TAG
    #[arg(value_name = "COMPONENT", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// The auth type by which profiles use it
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(auth_types))]
    auth_type: String,

    /// Grant it this environment variable; can be repeated
    #[arg(long, value_name = "VAR")]
    env: Vec<String>,

    /// Let it take this file, by absolute path; can be repeated
    #[arg(long = "file", value_name = "PATH", value_hint = ValueHint::FilePath)]
    files: Vec<String>,
    /// Let it send requests to this server; can be repeated
    #[arg(long, value_name = "ORIGIN", value_hint = ValueHint::Url)]
    origin: Vec<String>,

    /// Let it read the text at this JSON pointer in answers; can be repeated
    #[arg(long, value_name = "POINTER")]
    readable: Vec<String>,

    /// Let it read the text of every secret it uses
    #[arg(long)]
    reveal: bool,

    /// Let it use the sessions that another component saved
    #[arg(long)]
    keep_sessions: bool,

    /// Send no requests: use what is on this machine
    #[arg(long)]
    offline: bool,

    /// Take it only if it is signed by this public key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    verify_key: Option<PathBuf>,
}

impl AddArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        check(self)?;
        let Self { auth_type, env, files, readable, reveal, .. } = self;
        let named = Named::by(&self.file)?;
        let origins = origins(&self.origin)?;
        let path = config::path(config)?;
        let providers = ConfigFile::open(&path)?.providers()?;
        // The component in providers.toml, and as an argument of suggested commands.
        let (host, inspection, component, argument) = match &named {
            Named::File(file) => {
                self.check_no_registry()?;
                let host = Host::of(providers)?;
                let inspection = host.run(host.registry.inspect_as(auth_type, file))?;
                stdout::print(&outline(&inspection))?;
                (host, inspection, component(file, directory_of(&path))?, quoted(file))
            }
            Named::Published(reference) => {
                let host = Host::online(providers)?;
                let found = Found::at(&host, reference, self.offline)?;
                let key = self.verify_key.as_deref();
                found.verify(&host, &keys(&host.providers, reference, key)?)?;
                let inspection = found.inspect(&host, auth_type)?;
                stdout::print(&found.outline(&inspection))?;
                let pinned = found.published.reference.to_string();
                (host, inspection, pinned.clone(), pinned)
            }
        };
        let wants_text = inspection.imports(Capability::Reveal);
        let first_start = inspection.first_start;
        let description = inspection.description?;

        let sha256 = &inspection.sha256;
        let config_file = ConfigFile::open(&path)?;
        let entry = Entry {
            name: auth_type,
            component: &component,
            sha256,
            env,
            files,
            origins: &origins,
            readable,
            reveal: *reveal,
        };
        let written = entry.write(config_file.text()?)?;
        config_file.replace(written.as_bytes())?;

        let known = host.providers.strategies().find(|known| known.auth_type == *auth_type);
        let done = if known.is_some() { "updated" } else { "added" };
        let mut message =
            format!("{} {done} {auth_type} in {}\n", style::good(), sanitize_path(&path));
        if host.providers.profiles().all(|profile| profile.auth_type != *auth_type) {
            message += &format!("  Use it in a profile with: auth_type = \"{auth_type}\"\n");
        }
        message += &first_start.and_then(compiled).unwrap_or_default();
        stdout::print(&message)?;
        self.keep_sessions(config, &argument, sha256)?;
        let users = host.providers.profiles().filter(|profile| profile.auth_type == *auth_type);
        let keys = users.filter_map(|profile| profile.api_key_env.as_ref());
        let granted = known.iter().flat_map(|known| &known.env).chain(env);
        let granted: Vec<&String> = granted.chain(keys).collect();
        warn_of_missing_grants(self, config, &argument, &description, &granted);
        if wants_text && !reveal && known.is_none_or(|known| !known.reveal) {
            let hint = remedy::grant(config, &argument, auth_type, " --reveal");
            let message = format!(
                "strategy '{auth_type}' may want to read the text of secrets, which it is not granted"
            );
            stderr::warning(&message, Some(&hint));
        }
        Ok(Exit::Fine)
    }
}

impl AddArgs {
    /// Refuses what makes no sense for a file.
    fn check_no_registry(&self) -> Result<(), CliError> {
        match self.verify_key {
            Some(_) => Err(CliError::usage("--verify-key is for components in registries")),
            None => Ok(()),
        }
    }

    /// Ties the sessions of the strategy to this component, or says which ones it does not
    /// find.
    fn keep_sessions(
        &self,
        config: Option<&Path>,
        argument: &str,
        sha256: &str,
    ) -> Result<(), CliError> {
        let auth_type = &self.auth_type;
        if self.keep_sessions {
            let kept = sessions()?.keep(auth_type, sha256).map_err(SessionError::from)?;
            let profiles = text::some_of(&kept, NAMED);
            let kept = if kept.is_empty() { "no session".into() } else { profiles };
            stdout::print(&format!("  It keeps the sessions of: {kept}\n"))?;
            return Ok(());
        }
        // The strategy is added, whatever is wrong with the directory of sessions.
        let others = sessions()
            .ok()
            .and_then(|sessions| sessions.of_other_components(auth_type, sha256).ok());
        let others = others.unwrap_or_default();
        if !others.is_empty() {
            let hint = remedy::keep_sessions(config, argument, auth_type);
            let message = format!(
                "another component saved the sessions of {}; this one does not find them",
                text::some_of(&others, NAMED)
            );
            stderr::warning(&message, Some(&hint));
        }
        Ok(())
    }
}

/// The line about a start that the user had to wait for, and will not have to again.
fn compiled(start: FirstStart) -> Option<String> {
    let line = || {
        let (took, next) = (start.took.as_secs_f64(), start.next.as_millis());
        format!("  Compiled in {took:.1} s; from now on it starts in {next} ms\n")
    };
    (start.took >= NOTICED).then(line)
}

fn check(arguments: &AddArgs) -> Result<(), EditError> {
    if !is_auth_type(&arguments.auth_type) {
        return Err(EditError::AuthType);
    }
    if is_built_in(&arguments.auth_type) {
        return Err(EditError::BuiltIn(arguments.auth_type.clone()));
    }
    if arguments.env.iter().any(|name| VariableFault::of_granted_variable(name).is_some()) {
        return Err(EditError::Variable);
    }
    if !arguments.files.iter().all(|path| is_granted_path(path)) {
        return Err(EditError::File);
    }
    if !arguments.readable.iter().all(|pointer| is_readable(pointer)) {
        return Err(EditError::Readable);
    }
    Ok(())
}

/// The origins, each written in the one way in which providers.toml has it.
fn origins(written: &[String]) -> Result<Vec<String>, EditError> {
    let origin = |text: &String| text.parse().map_err(EditError::Origin);
    let origins: Vec<HttpOrigin> = written.iter().map(origin).collect::<Result<_, _>>()?;
    Ok(origins.iter().map(ToString::to_string).collect())
}

/// `file` as providers.toml names it: relative if it is in the same directory, so
/// that the directory can be moved as a whole.
fn component(file: &Path, directory: &Path) -> Result<String, EditError> {
    let absolute = absolute(file);
    let inside = fs::canonicalize(directory).ok();
    let inside = inside.and_then(|directory| absolute.strip_prefix(directory).ok());
    let path = inside.unwrap_or(&absolute);
    let path = path.to_str().ok_or_else(|| EditError::Path(path.to_owned()))?;
    Ok(path.to_owned())
}

/// The absolute path, with every link resolved except the file itself: a link that
/// is switched to another version is meant to be followed.
fn absolute(file: &Path) -> PathBuf {
    match (fs::canonicalize(directory_of(file)), file.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        // It was read a moment ago; the next command reports if it is gone.
        _ => file.to_owned(),
    }
}

/// The strategy is added anyway: a profile may name the variable that it lacks, or the
/// user may not want to grant it.
fn warn_of_missing_grants(
    arguments: &AddArgs,
    config: Option<&Path>,
    argument: &str,
    description: &Description,
    granted: &[&String],
) {
    let AddArgs { auth_type, env, .. } = arguments;
    let lacking: Vec<&String> =
        description.environment.iter().filter(|name| !granted.contains(name)).collect();
    if lacking.is_empty() {
        return;
    }
    let grantable = lacking.iter().copied().filter(|name| is_variable_name(name));
    let flags: String = env.iter().chain(grantable).map(|name| format!(" --env {name}")).collect();
    let shown = |name: &&String| match is_variable_name(name) {
        true => name.to_string(),
        false => quote(name),
    };
    let names = lacking.iter().map(shown).collect::<Vec<_>>().join(", ");
    let message = format!("strategy '{auth_type}' needs {names}, which it is not granted");
    let hint = remedy::grant(config, argument, auth_type, &flags);
    stderr::warning(&message, Some(&hint));
}
