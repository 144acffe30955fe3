//! Which strategy serves which auth type.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::sandbox::{BuiltIn, Sandbox, Strategy};
use crate::{Environment, Failure, ProviderError};

/// The strategies that are part of this executable.
pub(crate) const BUILT_IN: [BuiltIn; 1] = [BuiltIn {
    auth_type: "api_key",
    component: include_bytes!(concat!(env!("OUT_DIR"), "/api-key.wasm")),
    compiled: include_bytes!(concat!(env!("OUT_DIR"), "/api-key.cwasm")),
}];

/// The strategies of one host, by auth type, with the sandbox that they run in.
///
/// Cheap to clone: the copies share everything.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    sandbox: Sandbox,
    environment: Arc<Environment>,
    strategies: BTreeMap<&'static str, Entry>,
}

/// A strategy, loaded when it is first asked for.
struct Entry {
    built_in: BuiltIn,
    loaded: OnceLock<Strategy>,
}

impl Registry {
    /// The built-in strategies, with variables granted out of `environment`.
    ///
    /// # Errors
    ///
    /// Fails where this machine can't run the sandbox.
    pub fn built_in(environment: Environment) -> Result<Self, ProviderError> {
        let sandbox =
            Sandbox::new().map_err(|reason| ProviderError::Sandbox(format!("{reason:#}")))?;
        let entry = |built_in| Entry { built_in, loaded: OnceLock::new() };
        let strategies =
            BUILT_IN.into_iter().map(|built_in| (built_in.auth_type, entry(built_in))).collect();
        let environment = Arc::new(environment);
        Ok(Self { shared: Arc::new(Shared { sandbox, environment, strategies }) })
    }

    /// The auth types that a profile may name, sorted.
    pub fn auth_types(&self) -> impl Iterator<Item = &str> {
        self.shared.strategies.keys().copied()
    }

    pub(super) fn sandbox(&self) -> &Sandbox {
        &self.shared.sandbox
    }

    pub(super) fn environment(&self) -> Arc<Environment> {
        Arc::clone(&self.shared.environment)
    }

    /// The strategy of this auth type, ready to be called.
    pub(super) fn strategy(&self, auth_type: &str) -> Result<Strategy, Failure> {
        let Some(entry) = self.shared.strategies.get(auth_type) else {
            return Err(Failure::UnknownAuthType {
                auth_type: auth_type.to_owned(),
                available: self.auth_types().map(str::to_owned).collect(),
            });
        };
        if let Some(strategy) = entry.loaded.get() {
            return Ok(strategy.clone());
        }
        let strategy = self.sandbox().load_built_in(entry.built_in)?;
        Ok(entry.loaded.get_or_init(|| strategy).clone())
    }
}
