//! `orchestration serve`: a broker that runs for long.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{Address, Broker, Listener, Pass, sanitize_path};

use super::configured::{Configured, Passes};
use super::listen::{Listen, TlsFiles, cannot_start, listen};
use super::log::{Log, LogFormat};
use super::pass_file::PassFile;
use super::running::until_end;
use super::upstreams::{Upstreams, served};
use crate::complete::profiles;
use crate::config;
use crate::credential_json::credential_json;
use crate::error::{CliError, Kind};
use crate::exit::Exit;
use crate::host::Host;
use crate::platform::end_signals::EndSignals;
use crate::ui::{backlog, stderr};

const HELP: &str = "\
A client sends its requests to /p/PROFILE below the address, in place of the
provider's base URL, and shows a pass in place of a key. The broker puts the key
in, and sends them to the profile's base_url and nowhere else.

On a Unix socket, only programs of the same user are served, and need no pass. On
TCP, every request has to show one: a new pass for each run, in a file whose path
is printed and which is removed at the end, or those of --pass-file.

With --expose-credentials, anyone who may use a profile can have its key: an Envoy
that asks at /envoy/PROFILE/ before each request, and programs that fetch a
credential as JSON at /v1/credentials/PROFILE.

/livez, /readyz and /metrics are for the operator of the broker; with --ui, so is a page
at /. They need no pass.

A change of providers.toml takes effect within a second, or at once on SIGHUP. On
SIGTERM, requests under way are finished; a second signal ends them.

Exit status: 0 ended by a signal, 2 usage or configuration error, 3 the sandbox
failed

Examples:
  orchestration serve
  orchestration serve openai anthropic --listen 127.0.0.1:8080
  orchestration serve --listen unix:/run/user/1000/llm.sock --log-format json";

/// Serve profiles to local clients without their keys
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ServeArgs {
    /// The profiles to serve [default: all]
    #[arg(value_name = "PROFILE", add = ArgValueCandidates::new(profiles))]
    profiles: Vec<String>,

    /// Listen on unix:PATH or ADDRESS:PORT [default: a Unix socket of this user]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<Listen>,

    /// Take passes from this file: one a line, followed by its profiles
    #[arg(long, value_name = "FILE")]
    pass_file: Option<PathBuf>,

    /// Hand keys out too, at /envoy/PROFILE/ and /v1/credentials/PROFILE
    #[arg(long)]
    expose_credentials: bool,

    /// Show a page about profiles, credentials and requests, at /
    #[arg(long)]
    ui: bool,

    /// Listen on an address of other machines, with TLS
    #[arg(long, requires_all = ["tls_cert", "tls_key", "client_ca"])]
    allow_remote: bool,

    /// The certificate of the broker, in PEM
    #[arg(long, value_name = "FILE", requires = "allow_remote")]
    tls_cert: Option<PathBuf>,

    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "allow_remote")]
    tls_key: Option<PathBuf>,

    /// The authority that signs the certificates of clients, in PEM
    #[arg(long, value_name = "FILE", requires = "allow_remote")]
    client_ca: Option<PathBuf>,

    /// The form of the line for each request, on stderr
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

impl ServeArgs {
    /// Runs the command.
    pub(in crate::commands) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::serving(config::discover(config)?)?;
        host.run_quietly(self.serve(&host, config))?;
        Ok(Exit::Fine)
    }

    async fn serve(&self, host: &Host, config: Option<&Path>) -> Result<(), CliError> {
        // Before anything is there that a signal would leave behind.
        let mut signals = EndSignals::take().map_err(|reason| {
            CliError::new(Kind::Sandbox, format!("signals can't be received: {reason}"))
        })?;
        let listener = listen(self.listen.as_ref(), self.tls())?;
        let passes = self.passes(&listener)?;
        let upstreams = Upstreams::default();
        let mut configured = Configured { config, names: &self.profiles, passes, upstreams };
        let (upstreams, passes) = configured.read(&host.providers, &host.registry).await?;
        if upstreams.is_empty() {
            return Err(CliError::new(Kind::Configuration, "no profile can be served"));
        }
        let own = match (&configured.passes, passes.first()) {
            (Passes::Own(_), Some(pass)) => Some(PassFile::write(pass, listener.address())?),
            _ => None,
        };
        let count = upstreams.len();
        let _writing = backlog::start()?;
        let broker = Broker::logged(upstreams, passes, Arc::new(Log::new(self.log_format)));
        if self.expose_credentials {
            broker.expose_credentials(credential_json);
        }
        if self.ui {
            broker.show_status_page();
        }
        let serving = broker.serve(listener, workers()).map_err(cannot_start)?;
        let address = serving.address();
        stderr::note(&format!("listening on {address}, with {}", served(count)));
        stderr::note(&format!("base URL: {}/p/PROFILE", address.url()));
        if self.ui {
            stderr::note(&format!("status page: {}/", address.url()));
        }
        if let Some(own) = &own {
            stderr::note(&format!("pass: {}", sanitize_path(own.path())));
        }
        let project = host.providers.project();
        until_end(&broker, &mut configured, project, &mut signals, serving).await;
        Ok(())
    }

    fn tls(&self) -> Option<TlsFiles<'_>> {
        let certificate = self.tls_cert.as_deref()?;
        let (key, client_ca) = (self.tls_key.as_deref()?, self.client_ca.as_deref()?);
        Some(TlsFiles { certificate, key, client_ca })
    }

    fn passes(&self, listener: &Listener) -> Result<Passes<'_>, CliError> {
        Ok(match (&self.pass_file, listener.address()) {
            (Some(path), _) => Passes::InFile(path),
            (None, Address::Unix(_)) => Passes::NoneNeeded,
            (None, Address::Tcp(_) | Address::Tls(_)) => {
                let pass = Pass::random([]);
                let pass = pass.map_err(|error| CliError::new(Kind::Sandbox, error))?;
                Passes::Own(pass.secret().clone())
            }
        })
    }
}

/// Returns the number of threads that serve: as many as there are processors for them.
fn workers() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}
