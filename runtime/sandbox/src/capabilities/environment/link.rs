//! The functions of the interface `environment`.
//!
//! They are linked directly rather than through the generated trait, whose return
//! type is a plain string: wasmtime would copy it into the guest and free it
//! unwiped, and the secret would remain in the memory of the process. A shared
//! string is wiped by [`Values`](super::Values) when the call ends. wasmtime still
//! checks the signature against `wit/` when it links a component.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use zeroize::Zeroizing;

use super::{INTERFACE, Variable};
use crate::audit::Outcome;
use crate::bindings::orchestration::auth::environment::EnvironmentError;
use crate::grants::Capability;
use crate::state::State;

type Answer = Result<Option<Arc<str>>, EnvironmentError>;

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "get",
        |mut store: StoreContextMut<'_, State>, (name,): (String,)| {
            // A strategy may ask for a secret instead of a name.
            let name = Zeroizing::new(name);
            Ok((get(store.data_mut(), &name),))
        },
    )
}

fn get(state: &mut State, name: &str) -> Answer {
    match read(state, "environment", name) {
        None => Err(EnvironmentError::Denied),
        Some(Variable::Unset) => Ok(None),
        Some(Variable::Value(value)) => Ok(Some(value)),
        Some(Variable::NotUnicode) => Err(EnvironmentError::NotUnicode),
    }
}

/// Reads the variable `name` for a strategy that asks for it through `interface`.
/// Returns `None` if it is not granted.
pub(crate) fn read(state: &mut State, interface: &str, name: &str) -> Option<Variable> {
    let grant = state.grant(Capability::Environment, interface, name)?;
    let variable = state.per_call.environment.read(&state.call.environment, grant, name);
    let unset = matches!(variable, Variable::Unset);
    state.asked(interface, name, if unset { Outcome::Unset } else { Outcome::Found });
    Some(variable)
}
