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
use crate::given::Given;
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
    let (known, value) = state.per_call.environment.get(&state.call.environment, variable);
    let outcome = outcome(&value);
    let held = match value {
        Variable::Value(held) if outcome == Outcome::Found => held,
        value => {
            state.asked("environment", variable, outcome);
            return Ok(match value {
                Variable::Unset => Ok(Presence::Unset),
                Variable::Value(_) => Ok(Presence::Blank),
                Variable::NotUnicode => Err(EnvironmentError::NotUnicode),
            });
        }
    };
    let secrets = &mut state.per_call.secrets;
    let root = secrets.root(Given::Variable(known));
    secrets.put(name, held.of(root))?;
    state.per_call.environment.taken(variable);
    state.took("environment", variable, name);
    Ok(Ok(Presence::Set))
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
    let (_, variable) = state.per_call.environment.get(&state.call.environment, name);
    state.per_call.environment.read(name);
    state.asked(interface, name, outcome(&variable));
    Some(variable)
}

fn outcome(variable: &Variable) -> Outcome {
    match variable {
        Variable::Unset => Outcome::Unset,
        Variable::Value(held) if held.text().trim().is_empty() => Outcome::Blank,
        Variable::Value(_) => Outcome::Found,
        Variable::NotUnicode => Outcome::Unusable,
    }
}
