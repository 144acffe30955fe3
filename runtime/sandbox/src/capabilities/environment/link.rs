//! Connects the interface `environment` to a guest.
//!
//! Linked directly rather than through the generated trait, whose return type is a
//! plain string: wasmtime would copy it into the guest and free it unwiped, and the
//! secret would stay behind in the memory of the process. A shared one is wiped by
//! [`Values`](super::Values) when the call ends. The signature is still checked
//! against `wit/` whenever a component is linked.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

use super::{INTERFACE, Variable};
use crate::bindings::orchestration::auth::environment::EnvironmentError;
use crate::state::State;

type Answer = Result<Option<Arc<str>>, EnvironmentError>;

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "get",
        |mut store: StoreContextMut<'_, State>, (name,): (String,)| {
            Ok((get(store.data_mut(), &name),))
        },
    )
}

fn get(state: &mut State, name: &str) -> Answer {
    match state.read_variable("environment", name) {
        None => Err(EnvironmentError::Denied),
        Some(Variable::Unset) => Ok(None),
        Some(Variable::Value(value)) => Ok(Some(value)),
        Some(Variable::NotUnicode) => Err(EnvironmentError::NotUnicode),
    }
}
