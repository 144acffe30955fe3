//! Links compiled components to what the host offers.

use std::sync::Arc;

use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use orchestration_support::redact;

use crate::bindings::AnyStrategyPre;
use crate::capabilities::{http, store, wasi};
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
    /// Those of the interface `sign-in`, if it has that.
    pub(crate) sign_in: Option<SignInExports>,
    pub(crate) uses_wasi: bool,
    pub(crate) keeps_session: bool,
    pub(crate) sends_requests: bool,
    /// It is part of the product, and speaks for it.
    pub(crate) is_built_in: bool,
    pub(crate) is_newly_cached: bool,
    pub(crate) turns: Arc<Turns>,
}

impl Strategy {
    /// Returns true if it can keep a session.
    pub fn keeps_session(&self) -> bool {
        self.keeps_session
    }

    /// Returns true if it can send requests.
    pub fn sends_requests(&self) -> bool {
        self.sends_requests
    }

    /// Returns true if it was compiled to load it, and its code is in the cache now.
    pub fn is_newly_cached(&self) -> bool {
        self.is_newly_cached
    }

    /// Returns true if a call of it is in progress.
    pub fn is_running(&self) -> bool {
        self.turns.is_any_in_progress()
    }
}

/// The exports that are called often, looked up once.
#[derive(Clone)]
pub(crate) struct Exports {
    pub(crate) get_credentials: Export,
    pub(crate) refresh_if_needed: Export,
    pub(crate) is_valid: Export,
}

/// The exports with which a user signs in and out.
#[derive(Clone)]
pub(crate) struct SignInExports {
    pub(crate) begin: Export,
    pub(crate) resume: Export,
    pub(crate) end: Export,
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
    let imports = |interface| kind.imports(&runner.engine).any(|(name, _)| name == interface);
    let (keeps_session, sends_requests) = (imports(store::INTERFACE), imports(http::INTERFACE));
    let linked = runner.linker(uses_wasi)?.instantiate_pre(component).map_err(not_a_strategy)?;
    // Unlike the lookups below, this names what is missing.
    let complete = AnyStrategyPre::new(linked).map_err(not_a_strategy)?;
    let strategy = |name| export(component, interface::STRATEGY, name).ok_or(LoadError::NoStrategy);
    let exports = Exports {
        get_credentials: strategy("get-credentials")?,
        refresh_if_needed: strategy("refresh-if-needed")?,
        is_valid: strategy("is-valid")?,
    };
    let sign_in = |name| export(component, interface::SIGN_IN, name);
    let sign_in = match (sign_in("begin"), sign_in("resume"), sign_in("end")) {
        (Some(begin), Some(resume), Some(end)) => Some(SignInExports { begin, resume, end }),
        _ => None,
    };
    let component = complete.instance_pre().clone();
    let turns = Arc::new(Turns::new());
    Ok(Strategy {
        runner: Arc::clone(runner),
        component,
        exports,
        sign_in,
        uses_wasi,
        keeps_session,
        sends_requests,
        is_built_in: false,
        is_newly_cached: false,
        turns,
    })
}

fn export(component: &Component, interface: &str, name: &'static str) -> Option<Export> {
    let interface = component.get_export_index(None, interface)?;
    let index = component.get_export_index(Some(&interface), name)?;
    Some(Export { name, index })
}

/// Converts an error of compiling or linking a component.
pub(crate) fn not_a_strategy(reason: wasmtime::Error) -> LoadError {
    if let Some(limit) = system_limit(&reason) {
        return LoadError::System(limit);
    }
    LoadError::Invalid(redact::sanitize(&format!("{reason:#}"), []))
}
