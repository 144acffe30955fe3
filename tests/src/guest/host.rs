//! Guests in a host, in this process or in providers.toml.

use orchestration_runtime::{
    AgentConfig, Allocation, AuthStrategy, Credentials, Environment, ProviderError, ProvidersToml,
    Registry, Scope, resolve_auth_strategy,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The SHA-256 of `bytes`, as providers.toml wants it.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines of providers.toml for a strategy in the file `NAME.wasm` beside it,
/// with a profile of the same name. `more` goes into the strategy, `profile`
/// into the profile.
pub fn lines(name: &str, component: &[u8], more: &str, profile: &str) -> String {
    let sha256 = digest(component);
    format!(
        "[strategies.{name}]\ncomponent = \"{name}.wasm\"\nsha256 = \"{sha256}\"\n{more}\n\n\
         [profiles.{name}]\nauth_type = \"{name}\"\n{profile}\n\n"
    )
}

/// Strategies in this process, with their variables.
pub struct Host {
    providers: ProvidersToml,
    registry: Registry,
    _folder: TempDir,
}

impl Host {
    /// A host with this providers.toml, these components beside it, and these
    /// variables.
    pub fn new(toml: &str, components: &[(&str, &[u8])], variables: &[(&str, &str)]) -> Self {
        Self::allocating(Allocation::OnDemand, toml, components, variables)
    }

    /// The same, with instances that are allocated this way.
    pub fn allocating(
        allocation: Allocation,
        toml: &str,
        components: &[(&str, &[u8])],
        variables: &[(&str, &str)],
    ) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let write = |name: &str, content: &[u8]| {
            std::fs::write(folder.path().join(name), content).expect("a file can be written");
        };
        for (name, component) in components {
            write(&format!("{name}.wasm"), component);
        }
        write("providers.toml", toml.as_bytes());
        let providers = ProvidersToml::load(&folder.path().join("providers.toml"))
            .unwrap_or_else(|error| panic!("{error:?}\n{toml}"));
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.into()));
        let environment = Environment::Fixed(variables.collect());
        let registry = Registry::new(&providers, environment, None, allocation)
            .expect("the sandbox can be set up");
        Self { providers, registry, _folder: folder }
    }

    /// The strategy of a profile, as a check asks it.
    pub fn strategy(&self, profile: &str, config: &AgentConfig) -> Box<dyn AuthStrategy> {
        let profile = self.providers.profile(profile).expect("there is such a profile");
        resolve_auth_strategy(&self.registry, config, Some(profile), Scope::OwnCredential)
            .expect("there is such a strategy")
    }

    /// Asks for the credential of a profile.
    pub fn ask(&self, profile: &str) -> Result<Credentials, ProviderError> {
        let strategy = self.strategy(profile, &AgentConfig::default());
        runtime().block_on(strategy.get_credentials())
    }
}

/// One thread, with a clock.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime can be made")
}
