//! The functions of the interface `secrets`.

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use zeroize::Zeroize;

use super::concat::concat;
use super::{Held, INTERFACE};
use crate::bindings::orchestration::auth::secrets::ToolError;
use crate::bindings::orchestration::auth::types::Part;
use crate::state::State;

/// The outcome of a tool. The outer error stops the call.
type Outcome = wasmtime::Result<(Result<(), ToolError>,)>;

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "concat",
        |mut store: StoreContextMut<'_, State>, (parts, name): (Vec<Part>, String)| {
            let parts = WipedParts(parts);
            let state = store.data_mut();
            keep(state, &name, concat(state, &parts.0))
        },
    )
}

/// Adds what a tool made to the table.
fn keep(state: &mut State, name: &str, made: Result<Held, ToolError>) -> Outcome {
    state.calls("secrets");
    let outcome = match made {
        Ok(held) => Ok(state.per_call.secrets.put(name, held)?),
        Err(error) => Err(error),
    };
    Ok((outcome,))
}

/// The parts that a strategy passed, which may be secret. They are wiped when dropped.
struct WipedParts(Vec<Part>);

impl Drop for WipedParts {
    fn drop(&mut self) {
        for part in &mut self.0 {
            let (Part::Text(text) | Part::Secret(text)) = part;
            text.zeroize();
        }
    }
}
