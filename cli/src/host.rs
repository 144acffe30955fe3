//! What every command that runs strategies works with.

use orchestration_runtime::{
    Allocation, Cache, Environment, ProviderError, ProvidersToml, Registry,
};
use tokio::runtime::{Builder, Runtime};

use crate::failure::CliError;
use crate::spinner;

/// From this many calls on, a pool and a thread for each core pay for their setup.
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
        Self::on(providers, environment, Builder::enable_time)
    }

    /// The same, for commands that talk to providers.
    pub(crate) fn online(providers: ProvidersToml) -> Result<Self, CliError> {
        Self::on(providers, Environment::Process, Builder::enable_all)
    }

    /// A few calls are done sooner than threads and a pool are set up; strategies
    /// give way to each other at every tick on one thread too.
    fn on(
        providers: ProvidersToml,
        environment: Environment,
        enable: fn(&mut Builder) -> &mut Builder,
    ) -> Result<Self, CliError> {
        let (allocation, mut runtime) = match providers.profiles().len() {
            ..FEW_PROFILES => (Allocation::OnDemand, Builder::new_current_thread()),
            _ => (Allocation::Pooling, Builder::new_multi_thread()),
        };
        let cache = Cache::of_this_user();
        let registry = Registry::new(&providers, environment, cache, allocation)?;
        let runtime = enable(&mut runtime).build();
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
