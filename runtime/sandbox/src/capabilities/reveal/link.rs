//! The functions of the interface `reveal`. As with `environment`, they share the text
//! with wasmtime, so that no copy remains unwiped.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use zeroize::Zeroizing;

use super::{INTERFACE, NAME};
use crate::audit::Outcome;
use crate::bindings::orchestration::auth::reveal::RevealError;
use crate::grants::Capability;
use crate::state::State;

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "text",
        |mut store: StoreContextMut<'_, State>, (name,): (String,)| {
            // A strategy may ask for a secret instead of a name.
            let name = Zeroizing::new(name);
            Ok((text(store.data_mut(), &name),))
        },
    )
}

fn text(state: &mut State, name: &str) -> Result<Arc<str>, RevealError> {
    state.grant(Capability::Reveal, "reveal", NAME).ok_or(RevealError::Denied)?;
    let found = state.secret(name).cloned();
    let outcome = if found.is_some() { Outcome::Found } else { Outcome::Unset };
    state.asked("reveal", NAME, outcome);
    let held = found.ok_or(RevealError::NoSecret)?;
    state.per_call.secrets.reveal(&held);
    Ok(held.shared())
}
