//! `orchestration run`: runs a command that uses profiles without having their keys.
//!
//! An agent reads files, web pages and the output of programs, and any of these may tell it to
//! print its environment. So it gets a pass in place of a key, and the address of a broker in
//! place of the provider's. The broker is this process: it puts the key in, and ends with the
//! command. Then the pass is worth nothing, wherever it has been written.
//!
//! The key is in the environment of this process, and perhaps in its memory, so no other
//! process of the user may look into it; see `core_dumps`.

mod environment;

use std::error::Error;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{
    Broker, Credentials, Listener, Pass, ProviderProfile, Secret, Upstream, UpstreamError,
};

use super::auth::answer::ask;
use super::launched::{self, cannot_run};
use crate::complete::profiles;
use crate::error::{CliError, Kind};
use crate::exit::Exit;
use crate::host::Host;
use crate::platform::core_dumps;
use crate::platform::running::{self, Signals, to_the_end};
use environment::Led;

const HELP: &str = "\
Starts a broker on a free port of 127.0.0.1, which sends the command's requests on
with the key, and ends with the command. The command gets its address and a pass
in the variables that clients of the provider read, such as ANTHROPIC_BASE_URL and
ANTHROPIC_AUTH_TOKEN, or OPENAI_BASE_URL and OPENAI_API_KEY. All variables that
hold the key of a profile are removed. If a profile has no valid credential, the
command is not run.

Exit status: the command's, or the signal that ended it; 126 if it cannot be
executed, 127 if not found; before it is run, 1 a credential is not valid,
2 usage or configuration error, 3 a strategy failed

Examples:
  orchestration run anthropic -- claude
  orchestration run openai gemini -- python chat.py";

/// Run a command that never has a key
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RunArgs {
    /// The profiles that it may use, as listed by `auth status`
    #[arg(required = true, add = ArgValueCandidates::new(profiles))]
    profiles: Vec<String>,

    /// The command and its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

impl RunArgs {
    /// Runs the command, and returns its exit status.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::until_exit(config, true)?;
        let led = environment::led(&self.profiles, &host.providers)?;
        let mut secrets = Vec::new();
        for Led { profile, .. } in &led {
            let answer = ask(profile.clone(), host.registry.clone(), Duration::ZERO);
            secrets.extend(values(&host.run(answer).credentials?));
        }
        let listener = Listener::on_free_port().map_err(unusable)?;
        let mut upstreams = Vec::new();
        for led in &led {
            let profile = led.behind_root();
            let upstream = host.run(Upstream::new(&profile, &host.registry));
            upstreams.push(upstream.map_err(|error| no_upstream(error, &profile))?);
        }
        let pass = Pass::random(led.iter().map(|led| led.profile.name.clone()));
        let pass = pass.map_err(unusable)?;
        let broker = Broker::new(upstreams, [pass.clone()]);
        let serving = broker.serve(listener, NonZero::<usize>::MIN).map_err(unusable)?;

        let mut command = launched::command(&self.command);
        environment::clear(&mut command, &host.providers, &secrets);
        for led in &led {
            let base_url = serving.base_url(&led.profile.name);
            environment::lead(&mut command, led, &base_url, pass.secret());
        }
        environment::except_from_proxies(&mut command);
        drop(secrets);
        let signals = host.run_quietly(async { Signals::caught() }).map_err(unusable)?;
        core_dumps::restore_limit();
        let child = command.spawn();
        core_dumps::turn_off();
        let child = child.map_err(|reason| cannot_run(&command, &reason))?;
        let ended = host.run_quietly(to_the_end(child, signals)).map_err(unusable)?;
        serving.end();
        Ok(running::exit(ended))
    }
}

/// The secrets of a credential.
fn values(credentials: &Credentials) -> Vec<Secret> {
    credentials.values().map(|(_, secret)| secret.clone()).collect()
}

/// The error of a machine on which this can't be done.
fn unusable(error: impl Into<Box<dyn Error>>) -> CliError {
    CliError::new(Kind::Sandbox, error)
}

fn no_upstream(error: UpstreamError, profile: &ProviderProfile) -> CliError {
    match error {
        UpstreamError::Credential(error) => error.into(),
        error => CliError::usage(format!("profile '{}': {error}", profile.name)),
    }
}
