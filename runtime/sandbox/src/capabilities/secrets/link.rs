//! The functions of the interface `secrets`.

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use zeroize::{Zeroize, Zeroizing};

use super::base64::base64;
use super::claims::claims;
use super::concat::concat;
use super::failed::{self, Failed};
use super::pick::pick;
use super::random::random;
use super::sign::sign;
use super::{Held, INTERFACE};
use crate::bindings::orchestration::auth::secrets::{Algorithm, Alphabet, ToolError};
use crate::bindings::orchestration::auth::types::Part;
use crate::state::State;

/// The most names of secrets in one event.
const MAX_NAMES: usize = 16;

/// The outcome of a tool. The outer error stops the call.
type Outcome<T = ()> = wasmtime::Result<(Result<T, ToolError>,)>;

/// The host's side of a call.
type Store<'a> = StoreContextMut<'a, State>;

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap("pick", |mut store: Store<'_>, names: (String, String, String)| {
        let [secret, pointer, name] = wiped(names.into());
        let state = store.data_mut();
        let made = find(state, &secret).and_then(|held| pick(held, &pointer));
        Step { tool: "pick", of: vec![&secret], made: Some(&name) }.makes(state, made)
    })?;
    interface.func_wrap("claims", |mut store: Store<'_>, (secret,): (String,)| {
        let [secret] = wiped([secret]);
        let state = store.data_mut();
        let unknown = state.per_call.secrets.unknown();
        let claims = find(state, &secret).and_then(|held| claims(held, unknown));
        Step { tool: "claims", of: vec![&secret], made: None }.ends(state, claims)
    })?;
    interface.func_wrap("concat", |mut store: Store<'_>, (parts, name): (Vec<Part>, String)| {
        let (parts, [name]) = (WipedParts(parts), wiped([name]));
        let state = store.data_mut();
        let made = concat(state, &parts.0);
        Step { tool: "concat", of: parts.secrets(), made: Some(&name) }.makes(state, made)
    })?;
    interface.func_wrap(
        "base64",
        |mut store: Store<'_>, (secret, alphabet, name): (String, Alphabet, String)| {
            let [secret, name] = wiped([secret, name]);
            let state = store.data_mut();
            let made = find(state, &secret).map(|held| base64(held, alphabet));
            Step { tool: "base64", of: vec![&secret], made: Some(&name) }.makes(state, made)
        },
    )?;
    interface.func_wrap("random", |mut store: Store<'_>, (bytes, name): (u32, String)| {
        let [name] = wiped([name]);
        let state = store.data_mut();
        let made = random(bytes).map_err(Failed::Stop);
        let step = Step { tool: "random", of: Vec::new(), made: Some(&name) };
        step.makes(state, made).map(drop)
    })?;
    interface.func_wrap(
        "sign",
        |mut store: Store<'_>,
         (key, algorithm, message, name): (String, Algorithm, Vec<Part>, String)| {
            let (message, [key, name]) = (WipedParts(message), wiped([key, name]));
            let state = store.data_mut();
            let made = sign(state, &key, algorithm, &message.0);
            let of = [vec![key.as_str()], message.secrets()].concat();
            Step { tool: "sign", of, made: Some(&name) }.makes(state, made)
        },
    )
}

fn find<'a>(state: &'a State, name: &str) -> Result<&'a Held, ToolError> {
    state.secret(name).ok_or(ToolError::NoSecret)
}

/// The use of a tool, by the names of secrets.
struct Step<'a> {
    tool: &'static str,
    of: Vec<&'a str>,
    made: Option<&'a str>,
}

impl Step<'_> {
    /// Adds what the tool made to the table, and records the use.
    fn makes<E: Into<Failed>>(self, state: &mut State, made: Result<Held, E>) -> Outcome {
        let kept = made.map_err(E::into).and_then(|held| {
            let name = self.made.unwrap_or_default();
            Ok(state.per_call.secrets.put(name, held)?)
        });
        self.ends(state, kept)
    }

    /// Records the use.
    fn ends<T, E: Into<Failed>>(self, state: &mut State, outcome: Result<T, E>) -> Outcome<T> {
        let outcome = match outcome.map_err(E::into) {
            Ok(outcome) => Ok(outcome),
            Err(Failed::Tool(error)) => Err(error),
            Err(Failed::Stop(error)) => return Err(error),
        };
        let error = outcome.as_ref().err().map(|error| failed::name(*error));
        state.used(self.tool, &self.of, self.made, error);
        Ok((outcome,))
    }
}

/// Texts that a strategy passed as names, but that may be secret. They are wiped when
/// dropped.
fn wiped<const N: usize>(texts: [String; N]) -> [Zeroizing<String>; N] {
    texts.map(Zeroizing::new)
}

/// The parts that a strategy passed, which may be secret. They are wiped when dropped.
struct WipedParts(Vec<Part>);

impl WipedParts {
    /// Returns the names of secrets, each once: the first of them, for an event.
    fn secrets(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for part in &self.0 {
            match part {
                Part::Secret(name) if names.contains(&name.as_str()) => {}
                Part::Secret(name) if names.len() < MAX_NAMES => names.push(name),
                Part::Secret(_) => break,
                Part::Text(_) => {}
            }
        }
        names
    }
}

impl Drop for WipedParts {
    fn drop(&mut self) {
        for part in &mut self.0 {
            let (Part::Text(text) | Part::Secret(text)) = part;
            text.zeroize();
        }
    }
}
