//! Hosts for guests: in this process, and lines for providers.toml.

use orchestration_runtime::{
    AgentConfig, Allocation, AuthStrategy, Credentials, Environment, ProviderError, ProvidersToml,
    Registry, Scope, resolve_auth_strategy,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Returns the SHA-256 of `bytes`, as it is written in providers.toml.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the lines of providers.toml for a strategy in the file `NAME.wasm` next to it
/// and a profile with the same name. `more` is added to the strategy, `profile` to the
/// profile.
pub fn lines(name: &str, component: &[u8], more: &str, profile: &str) -> String {
    let sha256 = digest(component);
    format!(
        "[strategies.{name}]\ncomponent = \"{name}.wasm\"\nsha256 = \"{sha256}\"\n{more}\n\n\
         [profiles.{name}]\nauth_type = \"{name}\"\n{profile}\n\n"
    )
}

/// A host in this process, with strategies and variables.
pub struct Host {
    providers: ProvidersToml,
    registry: Registry,
    _directory: TempDir,
}

impl Host {
    /// Creates a host with this providers.toml, these components next to it, and these
    /// variables.
    pub fn new(toml: &str, components: &[(&str, &[u8])], variables: &[(&str, &str)]) -> Self {
        Self::allocating(Allocation::OnDemand, toml, components, variables)
    }

    /// Does the same as [`new`](Self::new) with this kind of allocation.
    pub fn allocating(
        allocation: Allocation,
        toml: &str,
        components: &[(&str, &[u8])],
        variables: &[(&str, &str)],
    ) -> Self {
        let directory = TempDir::new().expect("a temporary directory can be created");
        let write = |name: &str, content: &[u8]| {
            std::fs::write(directory.path().join(name), content).expect("a file can be written");
        };
        for (name, component) in components {
            write(&format!("{name}.wasm"), component);
        }
        write("providers.toml", toml.as_bytes());
        let providers = ProvidersToml::load(&directory.path().join("providers.toml"))
            .unwrap_or_else(|error| panic!("{error:?}\n{toml}"));
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.into()));
        let environment = Environment::Fixed(variables.collect());
        let registry = Registry::new(&providers, environment, None, allocation)
            .expect("the sandbox can be set up");
        registry.keep_sessions_in_memory();
        Self { providers, registry, _directory: directory }
    }

    /// Returns the strategy of a profile, without the fallback variable.
    pub fn strategy(&self, profile: &str, config: &AgentConfig) -> Box<dyn AuthStrategy> {
        let profile = self.providers.profile(profile).expect("the profile exists");
        resolve_auth_strategy(&self.registry, config, Some(profile), Scope::OwnCredential)
            .expect("the strategy exists")
    }

    /// Resolves the credential of a profile.
    ///
    /// # Errors
    ///
    /// Fails with the [`ProviderError`] of the strategy.
    pub fn ask(&self, profile: &str) -> Result<Credentials, ProviderError> {
        let strategy = self.strategy(profile, &AgentConfig::default());
        runtime().block_on(strategy.get_credentials())
    }
}

/// Returns a tokio runtime with one thread, a timer and I/O.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime can be built")
}
