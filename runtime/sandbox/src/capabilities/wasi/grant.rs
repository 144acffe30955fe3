//! WASI has no grants of its own and no key in TOML: every strategy gets the same.
//!
//! Only its environment depends on grants, those of the capability `environment`.

use std::sync::Arc;

use crate::capabilities::environment::{Variable, link::read};
use crate::grants::Capability;
use crate::state::State;

/// Returns the granted variables that are set to Unicode. Reading each of them is
/// recorded in the audit.
pub(super) fn granted_variables(state: &mut State) -> Vec<(String, Arc<str>)> {
    let grants = state.call.grants.of(Capability::Environment);
    let names: Vec<String> = grants.map(str::to_owned).collect();
    names
        .into_iter()
        .filter_map(|name| match read(state, "wasi:cli/environment", &name) {
            Some(Variable::Value(held)) => Some((name, held.shared())),
            Some(Variable::Unset | Variable::NotUnicode) | None => None,
        })
        .collect()
}
