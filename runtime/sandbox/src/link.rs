//! Links compiled components to what the host offers.

use std::sync::Arc;

use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use orchestration_support::redact;

use crate::bindings::AnyStrategyPre;
use crate::capabilities::wasi;
use crate::failure::system_limit;
use crate::interface;
use crate::load_error::LoadError;
use crate::runner::Runner;
use crate::state::State;
use crate::turns::Turns;

/// A compiled and linked strategy. Every call gets a fresh instance of it.
///
/// Its functions are `async`: they yield to other tasks every millisecond, and need a
/// tokio runtime with a timer. Each may be called any number of times, also concurrently.
/// [`Call`](crate::Call) has an example.
#[derive(Clone)]
pub struct Strategy {
    pub(crate) runner: Arc<Runner>,
    pub(crate) component: InstancePre<State>,
    pub(crate) exports: Exports,
    pub(crate) uses_wasi: bool,
    /// It is part of the product, and speaks for it.
    pub(crate) is_built_in: bool,
    pub(crate) turns: Arc<Turns>,
}

impl Strategy {
    /// Returns true if a call of it is in progress.
    pub fn is_running(&self) -> bool {
        self.turns.is_any_in_progress()
    }
}

/// The function of a strategy that may send requests, and change its session.
pub(crate) const REFRESH: &str = "refresh-if-needed";

/// The exports that are called often, looked up once.
#[derive(Clone)]
pub(crate) struct Exports {
    pub(crate) get_credentials: Export,
    pub(crate) refresh_if_needed: Export,
    pub(crate) is_valid: Export,
}

/// One exported function, and its index in every instance of the component.
#[derive(Clone)]
pub(crate) struct Export {
    pub(crate) name: &'static str,
    pub(crate) index: ComponentExportIndex,
}

/// Links `component` to the capabilities, and to WASI if it imports that.
pub(crate) fn link(runner: &Arc<Runner>, component: &Component) -> Result<Strategy, LoadError> {
    let kind = component.component_type();
    let uses_wasi = kind.imports(&runner.engine).any(|(name, _)| wasi::is_wasi(name));
    let linked = runner.linker(uses_wasi)?.instantiate_pre(component).map_err(not_a_strategy)?;
    // Unlike the lookups below, this names what is missing.
    let complete = AnyStrategyPre::new(linked).map_err(not_a_strategy)?;
    let export = |name| export(component, name).ok_or(LoadError::NoStrategy);
    let exports = Exports {
        get_credentials: export("get-credentials")?,
        refresh_if_needed: export(REFRESH)?,
        is_valid: export("is-valid")?,
    };
    let component = complete.instance_pre().clone();
    let turns = Arc::new(Turns::new());
    let (runner, is_built_in) = (Arc::clone(runner), false);
    Ok(Strategy { runner, component, exports, uses_wasi, is_built_in, turns })
}

fn export(component: &Component, name: &'static str) -> Option<Export> {
    let strategy = component.get_export_index(None, interface::STRATEGY)?;
    let index = component.get_export_index(Some(&strategy), name)?;
    Some(Export { name, index })
}

/// Converts an error of compiling or linking a component.
pub(crate) fn not_a_strategy(reason: wasmtime::Error) -> LoadError {
    if let Some(limit) = system_limit(&reason) {
        return LoadError::System(limit);
    }
    LoadError::Invalid(redact::sanitize(&format!("{reason:#}"), []))
}
