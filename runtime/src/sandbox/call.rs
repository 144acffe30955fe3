//! One call of a strategy: a fresh store, one export, and what came of it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use wasmtime::component::{ComponentType, Instance, Lift};
use wasmtime::{Store, Trap, UpdateDeadline};

use super::bindings::AuthStrategy;
use super::bindings::orchestration::auth::types as wit;
use super::limits::{Limit, Limits};
use super::load::Export;
use super::state::Lines;
use super::{Grants, Observer, State, Strategy, Subject};
use crate::{Credentials, Environment, ErrorKind, Failure, Secret, Source, text};

/// How wasmtime words that [`Limits::hostcall_bytes`] is used up; the type of
/// that error is private to it.
const HOSTCALL_FUEL_EXHAUSTED: &str =
    "too much data is being copied between the host and the guest";

/// How it words that [`Limits::instances`] is used up, which has no type at all.
const COUNT_EXCEEDED: &str = "resource limit exceeded: ";

/// What one call may reach and use up.
#[derive(Clone)]
pub(crate) struct Call {
    /// Whom its events tell of.
    pub(crate) subject: Subject,
    /// Where granted variables are read from.
    pub(crate) environment: Arc<Environment>,
    /// The key that the request carries, so that it can be hidden wherever the
    /// strategy repeats it.
    pub(crate) explicit_key: Option<Secret>,
    /// What it may reach.
    pub(crate) grants: Grants,
    /// What it may use up.
    pub(crate) limits: Limits,
    /// Who wants to know what it does.
    pub(crate) observer: Option<Observer>,
}

/// What a strategy says of itself, fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The auth type that it was written to serve.
    pub auth_type: String,
    /// Its version.
    pub version: String,
    /// What it does, in one line.
    pub summary: String,
    /// The variables that it reads besides those that a profile names.
    pub environment: Vec<String>,
}

impl Strategy {
    /// Asks the strategy what it is. The types of all that it exports are looked
    /// at on the way; a strategy from a file is asked before anything else.
    pub(crate) async fn describe(&self, call: Arc<Call>) -> Result<Description, Failure> {
        let (answer, state) = self
            .run(call, "describe", async |instance, store| {
                let strategy = AuthStrategy::new(&mut *store, instance)?;
                strategy.orchestration_auth_strategy().call_describe(store).await
            })
            .await
            .map_err(in_describe)?;
        described(&state, answer)
    }

    /// Asks the strategy for a credential.
    pub(crate) async fn get_credentials(
        &self,
        call: Arc<Call>,
        request: wit::Request<'_>,
    ) -> Result<Credentials, Failure> {
        type Answer = Result<wit::Credentials, wit::AuthError>;
        let (answer, state): (Answer, _) =
            self.ask(call, &self.exports.get_credentials, request).await?;
        let found = answer.map_err(|error| refused(&state, error))?;
        state.observe(|seen| seen.answered_credential = true);
        accepted(&state, found)
    }

    /// Asks the strategy to renew what has ended.
    pub(crate) async fn refresh_if_needed(
        &self,
        call: Arc<Call>,
        request: wit::Request<'_>,
    ) -> Result<(), Failure> {
        type Answer = Result<(), wit::AuthError>;
        let (answer, state): (Answer, _) =
            self.ask(call, &self.exports.refresh_if_needed, request).await?;
        answer.map_err(|error| refused(&state, error))
    }

    /// Asks the strategy whether its credential is good.
    pub(crate) async fn is_valid(
        &self,
        call: Arc<Call>,
        request: wit::Request<'_>,
    ) -> Result<bool, Failure> {
        let (answer, _) = self.ask(call, &self.exports.is_valid, request).await?;
        Ok(answer)
    }

    /// Calls one export. The generated bindings look up all four for every
    /// instance, and look at their types, which takes a sixth of the call.
    async fn ask<R>(
        &self,
        call: Arc<Call>,
        export: &Export,
        request: wit::Request<'_>,
    ) -> Result<(R, State), Failure>
    where
        R: Lift + ComponentType + Send + Sync + 'static,
    {
        self.run(call, export.name, async |instance, store| {
            let function =
                instance.get_typed_func::<(wit::Request<'_>,), (R,)>(&mut *store, &export.index)?;
            let (answer,) = function.call_async(store, (request,)).await?;
            Ok(answer)
        })
        .await
    }

    /// Makes an instance in a store of its own and lets `ask` call `function`
    /// of it; answers with what the store held. Whatever happens, the store and
    /// all that the strategy had are gone after this.
    async fn run<R>(
        &self,
        call: Arc<Call>,
        function: &str,
        ask: impl AsyncFnOnce(&Instance, &mut Store<State>) -> wasmtime::Result<R>,
    ) -> Result<(R, State), Failure> {
        let _place = self.runner.place().await;
        let _awake = self.runner.ticker.keep_awake();
        let started = Instant::now();
        let deadline = call.limits.deadline;
        let mut store = self.store(call, started);
        let answer = async {
            let instance = self.component.instantiate_async(&mut store).await?;
            ask(&instance, &mut store).await
        };
        // The epoch interrupts code that runs. One that sleeps, which only WASI
        // offers, does not run.
        let answer = if self.uses_wasi {
            let late = |_| Err(Limit::Deadline(deadline).into());
            tokio::time::timeout(deadline, answer).await.unwrap_or_else(late)
        } else {
            answer.await
        };
        let mut state = store.into_data();
        state.subject().called(function, started);
        state.tell_output(Lines::All);
        state.observe(|seen| {
            seen.time = started.elapsed();
            seen.memory_bytes = state.meter.memory_bytes();
            seen.denied.extend(state.denied().iter().cloned());
            seen.stopped = answer.is_err();
            seen.told_secret |= text::tells(&state.log(), state.secrets());
        });
        match answer {
            Ok(answer) => Ok((answer, state)),
            Err(error) => Err(stopped(&state, &error, self.runner.stack_bytes)),
        }
    }

    /// A store with the limits of `call`, its deadline counted from `started`.
    fn store(&self, call: Arc<Call>, started: Instant) -> Store<State> {
        let deadline = call.limits.deadline;
        let hostcall_bytes = call.limits.hostcall_bytes;
        let mut store = Store::new(&self.runner.engine, State::new(call));
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(hostcall_bytes);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |mut store| {
            // Whoever waits for it wants to see what it says meanwhile.
            store.data_mut().tell_output(Lines::Complete);
            if started.elapsed() >= deadline {
                return Err(Limit::Deadline(deadline).into());
            }
            // Tokio's own way to yield has it look at its timers too; by waking
            // itself a strategy that spins would hold them up for many turns.
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        store
    }
}

/// The strategy did not come to an end by itself.
fn stopped(state: &State, error: &wasmtime::Error, stack_bytes: usize) -> Failure {
    if let Some(limit) = error.downcast_ref::<Limit>() {
        return Failure::Limit(limit.clone());
    }
    if error.root_cause().to_string().starts_with(HOSTCALL_FUEL_EXHAUSTED) {
        return Failure::Limit(Limit::HostcallBytes(state.limits().hostcall_bytes));
    }
    if error.root_cause().to_string().starts_with(COUNT_EXCEEDED) {
        return Failure::Limit(Limit::Instances(state.limits().instances));
    }
    if let Some(Trap::StackOverflow) = error.downcast_ref::<Trap>() {
        return Failure::Limit(Limit::Stack(stack_bytes));
    }
    if !state.denied().is_empty() {
        return denied(state);
    }
    Failure::Trap(text::presentable(&error.root_cause().to_string(), state.secrets()))
}

/// The strategy answered with an error. A denial that the host itself gave is
/// told in the host's words, which say how to grant it.
fn refused(state: &State, error: wit::AuthError) -> Failure {
    let kind = kind(error.kind);
    if kind == ErrorKind::Denied && !state.denied().is_empty() {
        return denied(state);
    }
    let secrets = || state.secrets();
    let texts = [Some(&error.message), error.hint.as_ref()].into_iter().flatten();
    state.observe(|seen| {
        seen.told_secret |= texts.into_iter().any(|said| text::tells(said, secrets()));
    });
    let mut message = text::presentable(&error.message, secrets());
    if message.is_empty() {
        message.push_str("the strategy gave no reason");
    }
    let hint = error.hint.map(|hint| text::presentable(&hint, secrets()));
    Failure::Answer { kind, message, hint: hint.filter(|hint| !hint.is_empty()) }
}

/// The most that a description may hold.
const MAX_DECLARED: usize = 64;

fn described(state: &State, said: wit::Description) -> Result<Description, Failure> {
    let shown = |text: String| {
        let shown = text::presentable(text::head(&text, 256), []);
        state.observe(|seen| seen.mended_description |= shown != text);
        shown
    };
    if said.environment.len() > MAX_DECLARED {
        return Err(Failure::Contract("it declares more than 64 variables"));
    }
    Ok(Description {
        auth_type: shown(said.auth_type),
        version: shown(said.version),
        summary: shown(said.summary),
        environment: said.environment.into_iter().map(shown).collect(),
    })
}

fn denied(state: &State) -> Failure {
    // A strategy may ask for a variable by the name of a secret.
    let shown = |name: &String| text::presentable(name, state.secrets());
    Failure::Denied(state.denied().iter().map(shown).collect())
}

/// No grant can help where none is given to anybody.
fn in_describe(failure: Failure) -> Failure {
    match failure {
        Failure::Denied(variables) => Failure::DeniedInDescribe(variables),
        failure => failure,
    }
}

/// The strategy answered with a credential. Its parts go into types that wipe
/// them before anything else is looked at, so that none is freed as it was.
fn accepted(state: &State, found: wit::Credentials) -> Result<Credentials, Failure> {
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
        state.secrets().chain(returned)
    };
    if let wit::Source::Environment(words) | wit::Source::Other(words) = &found.source {
        state.observe(|seen| seen.told_secret |= text::tells(words, secrets()));
    }
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
    let names: Vec<String> =
        values.iter().map(|(name, _)| text::presentable(name, secrets())).collect();
    let values = names.into_iter().zip(values).map(|(name, (_, secret))| (name, secret)).collect();
    let credentials = Credentials::new(values, source, found.expires_at);
    // One whose time is over is good for nobody, so it is not handed out.
    if found.expires_at.is_some() && credentials.has_expired(SystemTime::now()) {
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
