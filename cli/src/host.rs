//! What every command that runs strategies works with.

use orchestration_runtime::{Cache, Environment, ProviderError, ProvidersToml, Registry};

use crate::failure::CliError;
use crate::spinner;

/// The profiles, the strategies, and what runs them.
pub(crate) struct Host {
    pub(crate) providers: ProvidersToml,
    pub(crate) registry: Registry,
    runtime: tokio::runtime::Runtime,
}

impl Host {
    /// A host of these profiles and strategies.
    pub(crate) fn of(providers: ProvidersToml) -> Result<Self, CliError> {
        let registry = Registry::new(&providers, Environment::Process, Cache::of_this_user())?;
        // One thread: strategies give way to each other at every tick, and
        // starting more threads costs more than they save.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|reason| ProviderError::Sandbox(reason.to_string()))?;
        Ok(Self { providers, registry, runtime })
    }

    /// Does `work`, and shows on a terminal which strategies it waits for.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(spinner::during(&self.registry, work))
    }
}
