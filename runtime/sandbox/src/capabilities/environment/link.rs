//! The functions of the interface `environment`.
//!
//! They are linked directly rather than through the generated trait, whose return
//! type is a plain string: wasmtime would copy it into the guest and free it
//! unwiped, and the secret would remain in the memory of the process. A shared
//! string is wiped when the call ends. wasmtime still checks the signature against
//! `wit/` when it links a component.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use zeroize::Zeroizing;

use super::{INTERFACE, Variable};
use crate::audit::Outcome;
use crate::bindings::orchestration::auth::environment::{EnvironmentError, Presence};
use crate::capabilities::secrets::Broken;
use crate::grants::Capability;
use crate::state::State;

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap(
        "take",
        |mut store: StoreContextMut<'_, State>, (variable, name): (String, String)| {
            // A strategy may ask for a secret instead of a name.
            let (variable, name) = (Zeroizing::new(variable), Zeroizing::new(name));
            Ok((take(store.data_mut(), &variable, &name)?,))
        },
    )?;
    interface.func_wrap("get", |mut store: StoreContextMut<'_, State>, (variable,): (String,)| {
        let variable = Zeroizing::new(variable);
        Ok((get(store.data_mut(), &variable),))
    })
}

/// Makes a variable a secret. The outer error stops the call.
fn take(
    state: &mut State,
    variable: &str,
    name: &str,
) -> Result<Result<Presence, EnvironmentError>, Broken> {
    if !state.call.grants.allow_taking(variable) {
        state.deny(Capability::Environment, "environment", variable);
        return Ok(Err(EnvironmentError::Denied));
    }
    match value(state, "environment", variable) {
        Variable::Unset => Ok(Ok(Presence::Unset)),
        Variable::NotUnicode => Ok(Err(EnvironmentError::NotUnicode)),
        Variable::Value(held) if held.text().trim().is_empty() => Ok(Ok(Presence::Blank)),
        Variable::Value(held) => {
            state.per_call.secrets.put(name, held)?;
            Ok(Ok(Presence::Set))
        }
    }
}

fn get(state: &mut State, variable: &str) -> Result<Option<Arc<str>>, EnvironmentError> {
    match read(state, "environment", variable) {
        None => Err(EnvironmentError::Denied),
        Some(Variable::Unset) => Ok(None),
        Some(Variable::Value(held)) => Ok(Some(held.shared())),
        Some(Variable::NotUnicode) => Err(EnvironmentError::NotUnicode),
    }
}

/// Reads the variable `name` for a strategy that asks for its text through `interface`.
/// Returns `None` if that is not granted.
pub(crate) fn read(state: &mut State, interface: &str, name: &str) -> Option<Variable> {
    state.grant(Capability::Environment, interface, name)?;
    Some(value(state, interface, name))
}

/// Returns a variable that is granted.
fn value(state: &mut State, interface: &str, name: &str) -> Variable {
    let variable = state.per_call.environment.read(&state.call.environment, name);
    let unset = matches!(variable, Variable::Unset);
    state.asked(interface, name, if unset { Outcome::Unset } else { Outcome::Found });
    variable
}
