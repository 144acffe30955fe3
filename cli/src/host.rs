//! What a command that runs strategies works with.

use std::mem::ManuallyDrop;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::SystemTime;

use orchestration_runtime::{
    Allocation, Cache, Compiler, Credentials, Environment, ProviderError, ProviderProfile,
    ProvidersToml, Registry, Scope, Sessions, SystemLimit,
};
use tokio::runtime::{Builder, Runtime};

use crate::commands::compile;
use crate::config;
use crate::error::CliError;
use crate::ui::spinner;

/// From this many profiles on, a pool and a thread per core pay for their setup.
const FEW_PROFILES: usize = 32;

/// The files and connections that the first request to a provider needs, and some more.
const OPEN_FILES: usize = 16;

/// The profiles, the strategies, and what runs them.
pub(crate) struct Host {
    pub(crate) providers: ProvidersToml,
    pub(crate) registry: Registry,
    runtime: Runtime,
}

impl Host {
    /// A host for a command that ends the process: with the configured profiles, and
    /// with a network if `online`. It is never dropped, because freeing ten thousand
    /// profiles one by one takes a tenth of the whole run.
    pub(crate) fn until_exit(
        config: Option<&Path>,
        online: bool,
    ) -> Result<ManuallyDrop<Self>, CliError> {
        Self::until_exit_with(config, online, Sessions::of_current_user())
    }

    /// The same, with these sessions.
    pub(crate) fn until_exit_with(
        config: Option<&Path>,
        online: bool,
        sessions: Option<Sessions>,
    ) -> Result<ManuallyDrop<Self>, CliError> {
        let providers = config::discover(config)?;
        let host = if online { Self::with_network(providers) } else { Self::offline(providers) };
        Ok(ManuallyDrop::new(host?.keeping(sessions)))
    }

    /// A host of these profiles and strategies, with a network only if a strategy may use it.
    pub(crate) fn of(providers: ProvidersToml) -> Result<Self, CliError> {
        Ok(Self::offline(providers)?.keeping(Sessions::of_current_user()))
    }

    fn offline(providers: ProvidersToml) -> Result<Self, CliError> {
        Self::on(providers, Environment::Process, Builder::enable_time)
    }

    /// A host for test values: with these variables in place of those of this process, and
    /// with sessions that are gone when it ends.
    pub(crate) fn for_tests(
        providers: ProvidersToml,
        environment: Environment,
    ) -> Result<Self, CliError> {
        let host = Self::on(providers, environment, Builder::enable_time)?;
        host.registry.keep_sessions_in_memory();
        Ok(host)
    }

    /// A host for commands that talk to providers.
    pub(crate) fn online(providers: ProvidersToml) -> Result<Self, CliError> {
        Ok(Self::with_network(providers)?.keeping(Sessions::of_current_user()))
    }

    /// A host that serves many calls, for as long as it runs.
    pub(crate) fn serving(providers: ProvidersToml) -> Result<Self, CliError> {
        SystemLimit::raise_open_files();
        check_open_files()?;
        let runtime = Builder::new_current_thread();
        let allocation = Allocation::Pooling;
        let host = Self::with(providers, Environment::Process, allocation, runtime, |builder| {
            builder.enable_all()
        })?;
        Ok(host.keeping(Sessions::of_current_user()))
    }

    fn with_network(providers: ProvidersToml) -> Result<Self, CliError> {
        check_open_files()?;
        Self::on(providers, Environment::Process, Builder::enable_all)
    }

    /// The same, where strategies keep these sessions.
    fn keeping(self, sessions: Option<Sessions>) -> Self {
        keep(&self.registry, sessions);
        self
    }

    /// A few calls take less time than setting up threads and a pool. Strategies yield
    /// to each other at every tick, on one thread too.
    fn on(
        providers: ProvidersToml,
        environment: Environment,
        enable: fn(&mut Builder) -> &mut Builder,
    ) -> Result<Self, CliError> {
        let (allocation, mut runtime) = match providers.profiles().len() {
            ..FEW_PROFILES => (Allocation::OnDemand, Builder::new_current_thread()),
            _ => (Allocation::Pooling, Builder::new_multi_thread()),
        };
        if allocation == Allocation::Pooling {
            // Otherwise TOKIO_WORKER_THREADS decides, and ends the process if it is 0.
            runtime.worker_threads(thread::available_parallelism().map_or(1, NonZero::get));
        }
        if providers.may_send_requests() {
            runtime.enable_io();
        }
        Self::with(providers, environment, allocation, runtime, enable)
    }

    fn with(
        providers: ProvidersToml,
        environment: Environment,
        allocation: Allocation,
        mut runtime: Builder,
        enable: fn(&mut Builder) -> &mut Builder,
    ) -> Result<Self, CliError> {
        let registry = registry(&providers, environment, allocation)?;
        let runtime = enable(&mut runtime).build();
        let runtime = runtime.map_err(|error| ProviderError::Sandbox(error.into()))?;
        Ok(Self { providers, registry, runtime })
    }

    /// Returns the own credential of `profile` as it is, or would be at this time, without
    /// asking a server or changing a session.
    pub(crate) fn look(
        &self,
        profile: &ProviderProfile,
        then: Option<SystemTime>,
    ) -> Result<Credentials, ProviderError> {
        let strategy = self.registry.bind(profile.clone(), None, Scope::OwnCredential)?;
        self.run(async {
            match then {
                None => strategy.look().await,
                Some(time) => strategy.look_at(time).await,
            }
        })
    }

    /// Returns the strategies of other profiles, for a host that serves them from now on.
    pub(crate) fn registry_of(providers: &ProvidersToml) -> Result<Registry, CliError> {
        let registry = registry(providers, Environment::Process, Allocation::Pooling)?;
        keep(&registry, Sessions::of_current_user());
        Ok(registry)
    }

    /// Runs `work`, and shows on a terminal which strategies it is waiting for.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(spinner::during(&self.registry, work))
    }

    /// Runs `work`, and leaves the terminal to others.
    pub(crate) fn run_quietly<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

/// Checks that there is room for a few connections. Without it tokio panics, and TLS finds no
/// certificates.
fn check_open_files() -> Result<(), CliError> {
    let checked = SystemLimit::check_open_files(OPEN_FILES);
    checked.map_err(|limit| ProviderError::Sandbox(limit.into()).into())
}

/// Lets the strategies keep these sessions.
fn keep(registry: &Registry, sessions: Option<Sessions>) {
    if let Some(sessions) = sessions {
        registry.keep_sessions_in(sessions);
    }
}

impl Drop for Host {
    /// Doesn't wait for background work: a DNS lookup can't be cancelled, and may take
    /// longer than any timeout.
    fn drop(&mut self) {
        if let Ok(idle) = Builder::new_current_thread().build() {
            std::mem::replace(&mut self.runtime, idle).shutdown_background();
        }
    }
}

fn registry(
    providers: &ProvidersToml,
    environment: Environment,
    allocation: Allocation,
) -> Result<Registry, CliError> {
    let registry = Registry::new(providers, environment, Cache::for_current_user(), allocation)?;
    registry.compile_with(Compiler::this_executable([compile::NAME]));
    Ok(registry)
}
