//! The tool `concat`: joins texts and secrets.

use zeroize::Zeroizing;

use super::failed::Failed;
use super::table::{MAX_BYTES, TOO_MUCH_TEXT};
use super::{Held, Roots};
use crate::bindings::orchestration::auth::secrets::ToolError;
use crate::bindings::orchestration::auth::types::Part;
use crate::state::State;

/// Returns the joined parts.
pub(super) fn concat(state: &State, parts: &[Part]) -> Result<Held, Failed> {
    let mut joined = joined(state, parts)?;
    Ok(Held::composed(std::mem::take(&mut *joined)).of(roots(state, parts)))
}

/// Returns what `parts` are made of.
pub(super) fn roots(state: &State, parts: &[Part]) -> Roots {
    let roots = parts.iter().map(|part| match part {
        Part::Text(text) if text.is_empty() => Roots::default(),
        Part::Text(_) => Roots::OWN,
        Part::Secret(name) => state.secret(name).map(Held::roots).unwrap_or_default(),
    });
    roots.fold(Roots::default(), Roots::and)
}

/// Joins the texts and the secrets of `parts`.
pub(super) fn joined(state: &State, parts: &[Part]) -> Result<Zeroizing<String>, Failed> {
    let texts = || {
        parts.iter().map(|part| match part {
            Part::Text(text) => Ok(text.as_str()),
            Part::Secret(name) => state.secret(name).map(Held::text).ok_or(ToolError::NoSecret),
        })
    };
    // A few parts that name a long secret would be more than the machine has.
    let add = |sum: usize, text: Result<&str, ToolError>| {
        let sum = text?.len() + sum;
        if sum > MAX_BYTES { Err(Failed::from(TOO_MUCH_TEXT)) } else { Ok(sum) }
    };
    let bytes = texts().try_fold(0, add)?;
    // Allocated once: a text that grows leaves unwiped copies behind.
    let mut joined = Zeroizing::new(String::with_capacity(bytes));
    texts().flatten().for_each(|text| joined.push_str(text));
    Ok(joined)
}
