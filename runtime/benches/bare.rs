//! The baseline: the same component with wasmtime only.
//!
//! It uses the product's engine settings and pool, yields to other tasks, and creates a
//! fresh instance for every call. It omits what the product adds: deadline, limits,
//! grants, audit, wiping secrets, sanitizing texts.

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store, StoreContextMut};

#[allow(dead_code, unreachable_pub)]
#[path = "../sandbox/src/config.rs"]
mod config;

#[allow(dead_code, unreachable_pub)]
#[path = "../sandbox/src/allocation.rs"]
mod allocation;

#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "auth-strategy",
        ownership: Borrowing { duplicate_if_necessary: true },
        exports: { default: async },
    });
}

use bindings::orchestration::auth::environment::{EnvironmentError, Presence};
use bindings::orchestration::auth::types::{Profile, Request};

const API_KEY: &[u8] = include_bytes!("../../strategies/prebuilt/api-key.wasm");

/// The compiled component, with the one variable that it can take.
pub struct Bare {
    engine: Engine,
    component: bindings::AuthStrategyPre<Variables>,
    name: &'static str,
    value: &'static str,
}

struct Variables {
    name: &'static str,
    value: &'static str,
    /// The name of the secret that the variable has become, and its text.
    taken: Option<(String, String)>,
}

impl Variables {
    fn take(&mut self, variable: &str, name: String) -> Result<Presence, EnvironmentError> {
        if variable != self.name {
            return Err(EnvironmentError::Denied);
        }
        self.taken = Some((name, self.value.to_owned()));
        Ok(Presence::Set)
    }
}

impl Bare {
    /// Sets up an engine with a pool, and compiles the strategy `api_key`.
    pub fn new(name: &'static str, value: &'static str) -> wasmtime::Result<Self> {
        let mut config = config::engine_config(512 << 10, config::Footprint::Usual);
        config.allocation_strategy(allocation::pool(100_000));
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        linker.instance("orchestration:auth/environment@0.2.0")?.func_wrap(
            "take",
            |mut store: StoreContextMut<'_, Variables>, (variable, name): (String, String)| {
                Ok((store.data_mut().take(&variable, name),))
            },
        )?;
        let component = Component::from_binary(&engine, API_KEY)?;
        // It takes no file in this benchmark.
        linker.define_unknown_imports_as_traps(&component)?;
        let component = bindings::AuthStrategyPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, component, name, value })
    }

    /// Resolves the key of a profile that names the variable.
    pub async fn resolve(&self) -> wasmtime::Result<String> {
        let variables = Variables { name: self.name, value: self.value, taken: None };
        let mut store = Store::new(&self.engine, variables);
        store.epoch_deadline_async_yield_and_update(1);
        let strategy = self.component.instantiate_async(&mut store).await?;
        let profile = Profile {
            name: "corp",
            provider: "openai",
            base_url: Some("https://llm.corp.example/v1"),
            issuer: None,
            api_key_env: Some(self.name),
            api_key_file: None,
            fallback_env: None,
            options: &[],
        };
        let request = Request { profile, explicit_key: false, now: 0 };
        let answer = strategy
            .orchestration_auth_strategy()
            .call_get_credentials(&mut store, request)
            .await?;
        let credentials = answer.map_err(|error| wasmtime::Error::msg(error.message))?;
        let secret = credentials.values.into_iter().next().map(|(_, secret)| secret);
        let taken = store.into_data().taken.filter(|(name, _)| Some(name) == secret.as_ref());
        Ok(taken.map(|(_, value)| value).unwrap_or_default())
    }
}
