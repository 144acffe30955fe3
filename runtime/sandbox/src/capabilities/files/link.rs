//! The functions of the interface `files`.

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use zeroize::Zeroizing;

use super::{Content, GrantedFile, INTERFACE, STORED_KEY};
use crate::audit::Outcome;
use crate::bindings::orchestration::auth::files::{FileError, Presence};
use crate::capabilities::store;
use crate::given::Given;
use crate::grants::Capability;
use crate::state::State;

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap_async(
        "take",
        |mut store: StoreContextMut<'_, State>, (path, name): (String, String)| {
            Box::new(async move {
                // A strategy may ask for a secret instead of a path.
                let (path, name) = (Zeroizing::new(path), Zeroizing::new(name));
                Ok((take(store.data_mut(), &path, &name).await?,))
            })
        },
    )
}

/// Makes a file a secret. The outer error stops the call.
async fn take(
    state: &mut State,
    path: &str,
    name: &str,
) -> wasmtime::Result<Result<Presence, FileError>> {
    let Some(file) = state.call.grants.file(path) else {
        state.deny(Capability::Files, "files", path);
        return Ok(Err(FileError::Denied));
    };
    let content = match path {
        STORED_KEY => Content::Absent,
        _ => content(state, &file).await?,
    };
    let (outcome, presence) = match content {
        Content::Absent | Content::Blank if state.has_stored_key() => {
            return stored_key(state, name).await;
        }
        Content::Absent => (Outcome::Unset, Ok(Presence::Absent)),
        Content::Blank => (Outcome::Blank, Ok(Presence::Blank)),
        Content::Fault(error) => (Outcome::Unusable, Err(error)),
        Content::Text(held) => {
            let secrets = &mut state.per_call.secrets;
            let root = secrets.root(Given::File(path.into()));
            secrets.put(name, held.of(root))?;
            state.took("files", path, name);
            return Ok(Ok(Presence::Present));
        }
    };
    state.asked("files", path, outcome);
    Ok(presence)
}

/// Makes the key that the user stored a secret.
async fn stored_key(
    state: &mut State,
    name: &str,
) -> wasmtime::Result<Result<Presence, FileError>> {
    let (outcome, presence) = match store::link::stored_key(state).await? {
        Ok(Some(held)) => {
            state.per_call.secrets.put(name, held)?;
            state.took("files", STORED_KEY, name);
            return Ok(Ok(Presence::Present));
        }
        Ok(None) => (Outcome::Unset, Ok(Presence::Absent)),
        Err(_) => (Outcome::Unusable, Err(FileError::Unreadable)),
    };
    state.asked("files", STORED_KEY, outcome);
    Ok(presence)
}

/// Returns what a granted file holds. Reading it is part of the time of the call.
async fn content(state: &mut State, file: &GrantedFile) -> wasmtime::Result<Content> {
    if let Some(content) = state.per_call.files.get(file.path()) {
        return Ok(content.clone());
    }
    let mut read = std::pin::pin!(state.call.files.read(file));
    let read = loop {
        let left = state.meter.clock().left()?;
        if let Ok(read) = tokio::time::timeout(left, &mut read).await {
            break read;
        }
    };
    let content = Content::of(read);
    state.per_call.files.keep(file.path(), content.clone());
    Ok(content)
}
