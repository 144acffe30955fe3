//! One call of a strategy: a fresh store, one export, and what came of it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use wasmtime::{Store, Trap, UpdateDeadline};

use super::bindings::AuthStrategy;
use super::bindings::orchestration::auth::types as wit;
use super::config::WASM_STACK_BYTES;
use super::limits::{Limit, Limits};
use super::{Grants, Sandbox, State, Strategy};
use crate::{Credentials, Environment, ErrorKind, Failure, Secret, Source, text};

/// How wasmtime words that [`Limits::hostcall_bytes`] is used up; the type of
/// that error is private to it.
const HOSTCALL_FUEL_EXHAUSTED: &str =
    "too much data is being copied between the host and the guest";

/// What one call may reach and use up.
#[derive(Clone)]
pub(crate) struct Call {
    /// Where granted variables are read from.
    pub(crate) environment: Arc<Environment>,
    /// What it may reach.
    pub(crate) grants: Grants,
    /// What it may use up.
    pub(crate) limits: Limits,
}

impl Sandbox {
    /// Asks `strategy` for a credential.
    pub(crate) async fn get_credentials(
        &self,
        strategy: &Strategy,
        call: Call,
        request: wit::Request<'_>,
    ) -> Result<Credentials, Failure> {
        let explicit_key = request.explicit_key;
        let _awake = self.ticker.keep_awake();
        let mut store = self.store(call);
        let answer = async {
            let instance = instantiate(strategy, &mut store).await?;
            instance.orchestration_auth_strategy().call_get_credentials(&mut store, request).await
        };
        let answer = answer.await;
        let state = store.into_data();
        let found = answer.map_err(|error| stopped(&state, &error))?;
        let found = found.map_err(|error| refused(&state, explicit_key, error))?;
        accepted(&state, explicit_key, found)
    }

    /// Asks `strategy` to renew what has ended.
    pub(crate) async fn refresh_if_needed(
        &self,
        strategy: &Strategy,
        call: Call,
        request: wit::Request<'_>,
    ) -> Result<(), Failure> {
        let explicit_key = request.explicit_key;
        let _awake = self.ticker.keep_awake();
        let mut store = self.store(call);
        let answer = async {
            let instance = instantiate(strategy, &mut store).await?;
            instance.orchestration_auth_strategy().call_refresh_if_needed(&mut store, request).await
        };
        let answer = answer.await;
        let state = store.into_data();
        let done = answer.map_err(|error| stopped(&state, &error))?;
        done.map_err(|error| refused(&state, explicit_key, error))
    }

    /// Asks `strategy` whether its credential is good.
    pub(crate) async fn is_valid(
        &self,
        strategy: &Strategy,
        call: Call,
        request: wit::Request<'_>,
    ) -> Result<bool, Failure> {
        let _awake = self.ticker.keep_awake();
        let mut store = self.store(call);
        let answer = async {
            let instance = instantiate(strategy, &mut store).await?;
            instance.orchestration_auth_strategy().call_is_valid(&mut store, request).await
        };
        let answer = answer.await;
        answer.map_err(|error| stopped(store.data(), &error))
    }

    /// A store with the limits of `call`, its deadline counted from now.
    fn store(&self, call: Call) -> Store<State> {
        let deadline = call.limits.deadline;
        let hostcall_bytes = call.limits.hostcall_bytes;
        let mut store = Store::new(&self.engine, State::new(call));
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(hostcall_bytes);
        store.set_epoch_deadline(1);
        let started = Instant::now();
        store.epoch_deadline_callback(move |_| {
            if started.elapsed() >= deadline {
                return Err(Limit::Deadline(deadline).into());
            }
            Ok(UpdateDeadline::Yield(1))
        });
        store
    }
}

async fn instantiate(
    strategy: &Strategy,
    store: &mut Store<State>,
) -> wasmtime::Result<AuthStrategy> {
    strategy.component.instantiate_async(store).await
}

/// The strategy did not come to an end by itself.
fn stopped(state: &State, error: &wasmtime::Error) -> Failure {
    if let Some(limit) = error.downcast_ref::<Limit>() {
        return Failure::Limit(limit.clone());
    }
    if error.root_cause().to_string().starts_with(HOSTCALL_FUEL_EXHAUSTED) {
        return Failure::Limit(Limit::HostcallBytes(state.limits().hostcall_bytes));
    }
    if let Some(Trap::StackOverflow) = error.downcast_ref::<Trap>() {
        return Failure::Limit(Limit::Stack(WASM_STACK_BYTES));
    }
    if !state.denied().is_empty() {
        return denied(state);
    }
    Failure::Trap(text::presentable(&error.root_cause().to_string(), state.secrets()))
}

/// The strategy answered with an error. A denial that the host itself gave is
/// told in the host's words, which say how to grant it.
fn refused(state: &State, explicit_key: Option<&str>, error: wit::AuthError) -> Failure {
    let kind = kind(error.kind);
    if kind == ErrorKind::Denied && !state.denied().is_empty() {
        return denied(state);
    }
    let secrets = || state.secrets().chain(explicit_key);
    let mut message = text::presentable(&error.message, secrets());
    if message.is_empty() {
        message.push_str("the strategy gave no reason");
    }
    let hint = error.hint.map(|hint| text::presentable(&hint, secrets()));
    Failure::Answer { kind, message, hint: hint.filter(|hint| !hint.is_empty()) }
}

fn denied(state: &State) -> Failure {
    Failure::Denied {
        variables: state.denied().iter().cloned().collect(),
        granted: state.granted().map(str::to_owned).collect(),
    }
}

/// The strategy answered with a credential. Its parts go into types that wipe
/// them before anything else is looked at, so that none is freed as it was.
fn accepted(
    state: &State,
    explicit_key: Option<&str>,
    found: wit::Credentials,
) -> Result<Credentials, Failure> {
    let values: Vec<(String, Secret)> =
        found.values.into_iter().map(|(name, secret)| (name, Secret::from(secret))).collect();
    let limits = state.limits();
    if values.len() > limits.returned_entries {
        return Err(Failure::Limit(Limit::ReturnedEntries(limits.returned_entries)));
    }
    let bytes: usize = values.iter().map(|(name, secret)| name.len() + secret.expose().len()).sum();
    if bytes > limits.returned_bytes {
        return Err(Failure::Limit(Limit::ReturnedBytes(limits.returned_bytes)));
    }
    let secrets = || {
        let returned = values.iter().map(|(_, secret)| secret.expose());
        state.secrets().chain(explicit_key).chain(returned)
    };
    let source = match found.source {
        wit::Source::Explicit => Source::Explicit,
        wit::Source::Environment(name) => Source::Environment(text::presentable(&name, secrets())),
        wit::Source::NotNeeded => Source::NotNeeded,
        wit::Source::Other(words) => Source::Other(text::presentable(&words, secrets())),
    };
    if source != Source::NotNeeded && values.is_empty() {
        return Err(Failure::Contract("it answered a credential without a secret"));
    }
    if values.iter().any(|(name, secret)| name.is_empty() || secret.is_empty()) {
        return Err(Failure::Contract("it answered a secret or a name that is empty"));
    }
    let values = values
        .iter()
        .map(|(name, secret)| (text::presentable(name, secrets()), secret.clone()))
        .collect();
    let credentials = Credentials::new(values, source, found.expires_at);
    // One whose time is over is good for nobody, so it is not handed out.
    if credentials.has_expired(SystemTime::now()) {
        let message = "the credential has expired".to_owned();
        return Err(Failure::Answer { kind: ErrorKind::Expired, message, hint: None });
    }
    Ok(credentials)
}

fn kind(kind: wit::ErrorKind) -> ErrorKind {
    match kind {
        wit::ErrorKind::Missing => ErrorKind::Missing,
        wit::ErrorKind::Expired => ErrorKind::Expired,
        wit::ErrorKind::Invalid => ErrorKind::Invalid,
        wit::ErrorKind::Denied => ErrorKind::Denied,
        wit::ErrorKind::Unavailable => ErrorKind::Unavailable,
        wit::ErrorKind::Unsupported => ErrorKind::Unsupported,
        wit::ErrorKind::Internal => ErrorKind::Internal,
    }
}
