//! The interface `environment`: granted variables and nothing else.
//!
//! Linked by hand rather than through the generated trait, whose return type is
//! a plain string: wasmtime would copy it into the guest and free it as it is,
//! and the secret would stay behind in the memory of the process. A shared one
//! is wiped by [`State`](super::super::state::State) when the call ends. The
//! signature is still checked against `wit/` whenever a component is linked.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

use super::super::bindings::orchestration::auth::environment::EnvironmentError;
use super::super::state::{Read, State};

const INTERFACE: &str = "orchestration:auth/environment@0.1.0";

type Answer = Result<Option<Arc<str>>, EnvironmentError>;

/// Links the interface.
pub(in super::super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
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
        Some(Read::Unset) => Ok(None),
        Some(Read::Value(value)) => Ok(Some(value)),
        Some(Read::NotUnicode) => Err(EnvironmentError::NotUnicode),
    }
}
