//! What every command that runs strategies works with.

use orchestration_runtime::{
    Allocation, Cache, Environment, ProviderError, ProvidersToml, Registry,
};
use tokio::runtime::{Builder, Runtime};

use crate::failure::CliError;
use crate::spinner;

/// From this many calls on, a pool pays for its setup.
const FEW_PROFILES: usize = 32;

/// The profiles, the strategies, and what runs them.
pub(crate) struct Host {
    pub(crate) providers: ProvidersToml,
    pub(crate) registry: Registry,
    runtime: Runtime,
}

impl Host {
    /// A host of these profiles and strategies, for commands that talk to nobody.
    pub(crate) fn of(providers: ProvidersToml) -> Result<Self, CliError> {
        Self::with_environment(providers, Environment::Process)
    }

    /// The same with other variables than those of this process.
    pub(crate) fn with_environment(
        providers: ProvidersToml,
        environment: Environment,
    ) -> Result<Self, CliError> {
        Self::on(providers, environment, Builder::new_current_thread().enable_time())
    }

    /// The same, for commands that talk to providers.
    pub(crate) fn online(providers: ProvidersToml) -> Result<Self, CliError> {
        let runtime = &mut Builder::new_current_thread();
        Self::on(providers, Environment::Process, runtime.enable_time().enable_io())
    }

    /// One thread: strategies give way to each other at every tick, and starting
    /// more threads costs more than they save.
    fn on(
        providers: ProvidersToml,
        environment: Environment,
        runtime: &mut Builder,
    ) -> Result<Self, CliError> {
        let allocation = match providers.profiles().count() {
            ..FEW_PROFILES => Allocation::OnDemand,
            _ => Allocation::Pooling,
        };
        let cache = Cache::of_this_user();
        let registry = Registry::new(&providers, environment, cache, allocation)?;
        let runtime = runtime.build();
        let runtime = runtime.map_err(|reason| ProviderError::Sandbox(reason.to_string()))?;
        Ok(Self { providers, registry, runtime })
    }

    /// Does `work`, and shows on a terminal which strategies it waits for.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(spinner::during(&self.registry, work))
    }
}

impl Drop for Host {
    /// Waits for nobody: the system can't be told to give up looking for the
    /// address of a host, and may take longer for it than any timeout.
    fn drop(&mut self) {
        if let Ok(idle) = Builder::new_current_thread().build() {
            std::mem::replace(&mut self.runtime, idle).shutdown_background();
        }
    }
}
