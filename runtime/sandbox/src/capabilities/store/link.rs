//! The functions of the interface `store`.

use orchestration_support::on_thread::on_thread;
use orchestration_support::{Secret, redact};
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use zeroize::Zeroize;

use super::{INTERFACE, Session, SessionSecret, SessionStore, StoreFault};
use crate::bindings::orchestration::auth::store::{self as wit, StoreError};
use crate::capabilities::secrets::{Held, Roots};
use crate::state::State;

/// The most bytes of a session, and the most secrets and notes, as `wit/` states them.
const MAX_BYTES: usize = 64 << 10;
const MAX_ENTRIES: usize = 64;

/// The secret of a session that gets the next credential, as `wit/` names it.
const REFRESH: &str = "refresh";

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap_async("load", |mut store: StoreContextMut<'_, State>, (): ()| {
        Box::new(async move { Ok((load(store.data_mut()).await?,)) })
    })?;
    interface.func_wrap_async(
        "save",
        |mut store: StoreContextMut<'_, State>, (session,): (wit::Session,)| {
            Box::new(async move { Ok((save(store.data_mut(), Wiped(session)).await?,)) })
        },
    )?;
    interface.func_wrap_async("forget", |mut store: StoreContextMut<'_, State>, (): ()| {
        Box::new(async move { Ok((forget(store.data_mut()).await?,)) })
    })
}

/// Puts the secrets of the session into the table. The outer error stops the call.
async fn load(state: &mut State) -> wasmtime::Result<Result<Option<wit::Session>, StoreError>> {
    let loaded = loaded(state).await?;
    let session = match loaded {
        Ok(session) => session,
        Err(error) => return Ok(Err(ended(state, "load", &[], error))),
    };
    let Some(session) = session else {
        state.used_session("load", &[], None);
        return Ok(Ok(None));
    };
    let secrets: Vec<String> = session.secrets.iter().map(|secret| secret.name.clone()).collect();
    for secret in &session.secrets {
        let held = Held::stored(secret.text.expose(), secret.origin).of(Roots::SESSION);
        state.per_call.secrets.put(&secret.name, held)?;
    }
    let returned = wit::Session {
        secrets: secrets.clone(),
        notes: session.notes.clone(),
        account: session.account.clone(),
        expires_at: session.expires_at,
    };
    state.per_call.store.keep(session);
    let names: Vec<&str> = secrets.iter().map(String::as_str).collect();
    state.used_session("load", &names, None);
    Ok(Ok(Some(returned)))
}

/// Returns the key that the user stored; `None` if it is gone.
pub(crate) async fn stored_key(
    state: &mut State,
) -> wasmtime::Result<Result<Option<Held>, StoreError>> {
    let loaded = loaded(state).await?;
    Ok(loaded.map(|session| {
        let key = session?.secrets.into_iter().next()?;
        Some(Held::stored(key.text.expose(), key.origin).of(Roots::STORED_KEY))
    }))
}

async fn save(state: &mut State, session: Wiped) -> wasmtime::Result<Result<(), StoreError>> {
    let names: Vec<&str> = session.0.secrets.iter().map(String::as_str).collect();
    let kept = match to_keep(state, &session.0) {
        Ok(kept) => kept,
        Err(error) => return Ok(Err(ended(state, "save", &names, error))),
    };
    let saved = ask(state, move |store| store.save(&kept)).await?;
    Ok(finished(state, "save", &names, saved))
}

async fn forget(state: &mut State) -> wasmtime::Result<Result<(), StoreError>> {
    if !state.is_alone {
        return Ok(Err(ended(state, "forget", &[], StoreError::ReadOnly)));
    }
    let forgotten = ask(state, |store| store.forget()).await?;
    Ok(finished(state, "forget", &[], forgotten))
}

/// Returns the session with the texts of its secrets.
fn to_keep(state: &State, session: &wit::Session) -> Result<Session, StoreError> {
    if !state.is_alone {
        return Err(StoreError::ReadOnly);
    }
    if session.secrets.len().max(session.notes.len()) > MAX_ENTRIES {
        return Err(StoreError::TooLarge);
    }
    let secrets: Vec<SessionSecret> = session
        .secrets
        .iter()
        .map(|name| {
            let held = state.secret(name).ok_or(StoreError::NoSecret)?;
            let (text, origin) = (Secret::from(held.text()), held.origin());
            Ok(SessionSecret { name: name.clone(), text, origin })
        })
        .collect::<Result<_, _>>()?;
    let notes = session.notes.iter().flat_map(|(name, text)| [name, text]);
    let texts = || notes.clone().chain(&session.account).chain(&session.secrets);
    let bytes = texts().map(String::len).sum::<usize>()
        + secrets.iter().map(|secret| secret.text.expose().len()).sum::<usize>();
    if bytes > MAX_BYTES {
        return Err(StoreError::TooLarge);
    }
    if texts().any(|text| redact::repeats_secret(text, state.per_call.secrets())) {
        return Err(StoreError::Leak);
    }
    let (notes, account) = (session.notes.clone(), session.account.clone());
    // Where no one signs in, no one has to sign in again.
    let renews = !state.signs_in || session.secrets.iter().any(|name| name == REFRESH);
    let expires_at = session.expires_at;
    Ok(Session { secrets, notes, account, expires_at, renews, saved: None })
}

/// Returns the session of the call. Most are in a small file, which is read in a tenth of the
/// time that a thread takes to start.
async fn loaded(state: &mut State) -> wasmtime::Result<Result<Option<Session>, StoreError>> {
    state.per_call.store.count()?;
    match state.call.sessions.as_ref().and_then(|store| store.load_at_once()) {
        Some(loaded) => answered(loaded),
        None => wait_for(state, |store| store.load()).await,
    }
}

/// Asks the store of the call, and counts that.
async fn ask<T: Send + 'static>(
    state: &mut State,
    ask: impl FnOnce(&dyn SessionStore) -> Result<T, StoreFault> + Send + 'static,
) -> wasmtime::Result<Result<T, StoreError>> {
    state.per_call.store.count()?;
    wait_for(state, ask).await
}

/// Asks the store of the call on a thread of its own. The time that it takes is part of the
/// time of the call.
async fn wait_for<T: Send + 'static>(
    state: &mut State,
    ask: impl FnOnce(&dyn SessionStore) -> Result<T, StoreFault> + Send + 'static,
) -> wasmtime::Result<Result<T, StoreError>> {
    let Some(store) = state.call.sessions.clone() else {
        return Ok(Err(StoreError::Unavailable));
    };
    let mut answer = std::pin::pin!(on_thread("session", move || ask(&*store)));
    let answer = loop {
        let left = state.meter.clock().left()?;
        if let Ok(answer) = tokio::time::timeout(left, &mut answer).await {
            break answer;
        }
    };
    answered(answer.unwrap_or(Err(StoreFault::Failed)))
}

/// Returns what a strategy gets for what the store answered. The outer error stops the call.
fn answered<T>(answer: Result<T, StoreFault>) -> wasmtime::Result<Result<T, StoreError>> {
    Ok(match answer {
        Ok(answer) => Ok(answer),
        Err(StoreFault::TooLarge) => Err(StoreError::TooLarge),
        // What the user has to do is not the strategy's to say, so the call ends here.
        Err(fault @ StoreFault::Keyring(_)) => return Err(wasmtime::Error::from(fault)),
        Err(StoreFault::Failed | StoreFault::NoRoom) => Err(StoreError::Failed),
    })
}

/// Records a function that returns nothing.
fn finished(
    state: &mut State,
    function: &str,
    names: &[&str],
    outcome: Result<(), StoreError>,
) -> Result<(), StoreError> {
    outcome.map_err(|error| ended(state, function, names, error))?;
    state.used_session(function, names, None);
    Ok(())
}

/// Records a function that failed.
fn ended(state: &mut State, function: &str, names: &[&str], error: StoreError) -> StoreError {
    let word = match error {
        StoreError::Unavailable => "unavailable",
        StoreError::ReadOnly => "read-only",
        StoreError::NoSecret => "no-secret",
        StoreError::TooLarge => "too-large",
        StoreError::Leak => "leak",
        StoreError::Failed => "failed",
    };
    state.used_session(function, names, Some(word));
    error
}

/// What a strategy passed as a session, which may contain a secret in any place. It is wiped
/// when dropped.
struct Wiped(wit::Session);

impl Drop for Wiped {
    fn drop(&mut self) {
        let wit::Session { secrets, notes, account, expires_at: _ } = &mut self.0;
        secrets.iter_mut().for_each(Zeroize::zeroize);
        for (name, text) in notes {
            name.zeroize();
            text.zeroize();
        }
        account.zeroize();
    }
}
