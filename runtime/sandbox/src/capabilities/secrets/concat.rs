//! The tool `concat`: joins texts and secrets.

use super::Held;
use crate::bindings::orchestration::auth::secrets::ToolError;
use crate::bindings::orchestration::auth::types::Part;
use crate::state::State;

/// Returns the joined parts.
pub(super) fn concat(state: &State, parts: &[Part]) -> Result<Held, ToolError> {
    let texts: Vec<&str> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => Ok(text.as_str()),
            Part::Secret(name) => state.secret(name).map(Held::text).ok_or(ToolError::NoSecret),
        })
        .collect::<Result<_, _>>()?;
    // Allocated once: a text that grows leaves unwiped copies behind.
    let mut joined = String::with_capacity(texts.iter().map(|text| text.len()).sum());
    texts.iter().for_each(|text| joined.push_str(text));
    Ok(Held::made(joined))
}
