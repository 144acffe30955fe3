//! The baseline: the same component with wasmtime only.
//!
//! It uses the product's engine settings and pool, yields to other tasks, and creates a
//! fresh instance for every call. It omits what the product adds: deadline, limits,
//! grants, audit, wiping secrets, sanitizing texts.

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

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

use bindings::orchestration::auth::environment::{EnvironmentError, Host};
use bindings::orchestration::auth::types::{self, Profile, Request};

const API_KEY: &[u8] = include_bytes!("../../strategies/prebuilt/api-key.wasm");

/// The compiled component, with the one variable that it can read.
pub struct Bare {
    engine: Engine,
    component: bindings::AuthStrategyPre<Variables>,
    name: &'static str,
    value: &'static str,
}

struct Variables {
    name: &'static str,
    value: &'static str,
}

impl types::Host for Variables {}

impl Host for Variables {
    fn get(&mut self, name: String) -> Result<Option<String>, EnvironmentError> {
        Ok((name == self.name).then(|| self.value.to_owned()))
    }
}

impl Bare {
    /// Sets up an engine with a pool, and compiles the strategy `api_key`.
    pub fn new(name: &'static str, value: &'static str) -> wasmtime::Result<Self> {
        let mut config = config::engine_config(512 << 10, config::Footprint::Usual);
        config.allocation_strategy(allocation::pool(100_000));
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        bindings::AuthStrategy::add_to_linker::<_, wasmtime::component::HasSelf<_>>(
            &mut linker,
            |variables: &mut Variables| variables,
        )?;
        let component = Component::from_binary(&engine, API_KEY)?;
        let component = bindings::AuthStrategyPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, component, name, value })
    }

    /// Resolves the key of a profile that names the variable.
    pub async fn resolve(&self) -> wasmtime::Result<String> {
        let mut store = Store::new(&self.engine, Variables { name: self.name, value: self.value });
        store.epoch_deadline_async_yield_and_update(1);
        let strategy = self.component.instantiate_async(&mut store).await?;
        let profile = Profile {
            name: "corp",
            provider: "openai",
            base_url: Some("https://llm.corp.example/v1"),
            api_key_env: Some(self.name),
            fallback_env: None,
            options: &[],
        };
        let request = Request { profile, explicit_key: None };
        let answer = strategy
            .orchestration_auth_strategy()
            .call_get_credentials(&mut store, request)
            .await?;
        let credentials = answer.map_err(|error| wasmtime::Error::msg(error.message))?;
        let value = credentials.values.into_iter().next().map(|(_, value)| value);
        Ok(value.unwrap_or_default())
    }
}
