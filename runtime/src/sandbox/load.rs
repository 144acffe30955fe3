//! From bytes to a strategy that can be called.

use wasmtime::component::Component;

use super::bindings::AuthStrategyPre;
use super::deserialize::{OwnCode, deserialize};
use super::{Sandbox, State};

/// A strategy that is part of this executable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltIn {
    /// The auth type that it serves.
    pub(crate) auth_type: &'static str,
    /// The component, as committed in `strategies/prebuilt/`.
    pub(crate) component: &'static [u8],
    /// The same, compiled for the target by the build script.
    pub(crate) compiled: &'static [u8],
}

/// A strategy, compiled and linked. Every call makes an instance of it.
#[derive(Clone)]
pub(crate) struct Strategy {
    pub(super) component: AuthStrategyPre<State>,
}

/// Why a component cannot be used as a strategy.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no component, or one that does not fit the contract.
    #[error("is not a strategy: {0}")]
    NotAStrategy(String),
}

impl Sandbox {
    /// Maps a strategy that is part of this executable.
    ///
    /// The embedded code fits every machine of the target, but wasmtime has the
    /// last word on that. Where it says no, the component, which fits any
    /// machine, is compiled instead: slower by some milliseconds, and right.
    pub(crate) fn load_built_in(&self, built_in: BuiltIn) -> Result<Strategy, LoadError> {
        let component = match deserialize(&self.engine, OwnCode::embedded(built_in.compiled)) {
            Ok(component) => component,
            Err(reason) => {
                tracing::info!(
                    strategy = built_in.auth_type,
                    %reason,
                    "the embedded code does not fit this machine; compiling the strategy"
                );
                Component::new(&self.engine, built_in.component).map_err(not_a_strategy)?
            }
        };
        self.link(&component)
    }

    fn link(&self, component: &Component) -> Result<Strategy, LoadError> {
        let linked = self.linker.instantiate_pre(component).map_err(not_a_strategy)?;
        Ok(Strategy { component: AuthStrategyPre::new(linked).map_err(not_a_strategy)? })
    }
}

fn not_a_strategy(reason: wasmtime::Error) -> LoadError {
    LoadError::NotAStrategy(crate::text::presentable(&format!("{reason:#}"), []))
}
