//! Runs one call: a fresh store, one export, and its answer.

use std::pin::pin;
use std::sync::Arc;

use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, Issuer};
use wasmtime::component::{ComponentType, Instance, Lift};
use wasmtime::{Store, UpdateDeadline};

use crate::answer::{Description, accepted, described, in_describe, returned_error, stopped};
use crate::bindings::AnyStrategy;
use crate::bindings::orchestration::auth::types as wit;
use crate::call::Call;
use crate::credential::Credentials;
use crate::failure::Failure;
use crate::link::{Export, Strategy};
use crate::profile::Profile;
use crate::state::{Lines, State};
use crate::turns::Clock;

impl Strategy {
    /// Calls `describe`: asks the strategy what it is. This also checks the types of
    /// all its exports, so a strategy from a file is asked this first.
    ///
    /// # Errors
    ///
    /// Fails with [`Failure::DeniedInDescribe`] if the strategy asks for anything,
    /// since nothing is granted here, and otherwise with [`Failure::Limit`],
    /// [`Failure::Trap`] or [`Failure::Contract`].
    pub async fn describe(&self, call: Arc<Call>) -> Result<Description, Failure> {
        let ask = async |instance: &Instance, store: &mut Store<State>| {
            let strategy = AnyStrategy::new(&mut *store, instance)?;
            strategy.orchestration_auth_strategy().call_describe(store).await
        };
        self.run(call, Vec::new(), "describe", ask, described).await.map_err(in_describe)
    }

    /// Calls `get-credentials`: asks the strategy for the credential of `profile`.
    ///
    /// # Errors
    ///
    /// Fails with [`Failure::Answer`] if the strategy returns an error, with
    /// [`Failure::Expired`] if its credential has expired, with [`Failure::Denied`] if it
    /// failed for want of a grant, and otherwise with
    /// [`Failure::Limit`], [`Failure::Trap`] or [`Failure::Contract`].
    pub async fn get_credentials(
        &self,
        call: Arc<Call>,
        profile: Profile<'_>,
    ) -> Result<Credentials, Failure> {
        type Answer = Result<wit::Credentials, wit::AuthError>;
        self.ask(call, &self.exports.get_credentials, profile, |state, answer: Answer| {
            let found = answer.map_err(|error| returned_error(state, error))?;
            state.observe(|seen| seen.answered_credential = true);
            accepted(state, found)
        })
        .await
    }

    /// Calls `refresh-if-needed`: asks the strategy to renew a credential that has
    /// expired or is about to.
    ///
    /// # Errors
    ///
    /// Fails as [`get_credentials`](Self::get_credentials) does.
    pub async fn refresh_if_needed(
        &self,
        call: Arc<Call>,
        profile: Profile<'_>,
    ) -> Result<(), Failure> {
        self.ask(call, &self.exports.refresh_if_needed, profile, done).await
    }

    /// Calls `is-valid`: asks the strategy whether it has a credential that is valid, as
    /// far as it can tell.
    ///
    /// # Errors
    ///
    /// Fails with [`Failure::Denied`], [`Failure::Limit`] or [`Failure::Trap`] if the
    /// call is stopped.
    pub async fn is_valid(&self, call: Arc<Call>, profile: Profile<'_>) -> Result<bool, Failure> {
        self.ask(call, &self.exports.is_valid, profile, |_, answer| Ok(answer)).await
    }

    /// Calls one export with the request for `profile`, and returns what `finish` makes of
    /// its answer. The generated bindings would look up all four exports and check their
    /// types in every instance, which takes a sixth of the call.
    pub(crate) fn ask<R, T>(
        &self,
        call: Arc<Call>,
        export: &Export,
        profile: Profile<'_>,
        finish: impl FnOnce(&State, R) -> Result<T, Failure>,
    ) -> impl Future<Output = Result<T, Failure>>
    where
        R: Lift + ComponentType + Send + Sync + 'static,
    {
        let secrets = profile.secrets();
        let ask = async move |instance: &Instance, store: &mut Store<State>| {
            let base_url = profile.base_url.map(BaseUrl::without_secrets);
            let request = request(&store.data().call, &profile, base_url.as_deref());
            let function = instance
                .get_typed_func::<(&wit::Request<'_>,), (R,)>(&mut *store, &export.index)?;
            // By reference, because wasmtime's futures would move it four times.
            let (answer,) = function.call_async(store, (&request,)).await?;
            Ok(answer)
        };
        self.run(call, secrets, export.name, ask, finish)
    }

    /// Creates an instance in its own store, lets `ask` call its `function`, and returns
    /// what `finish` makes of the answer and the state of the call. Whatever happens, the
    /// store and the strategy's memory are dropped.
    #[allow(
        clippy::manual_async_fn,
        reason = "the future of an `async fn` has room for each argument twice"
    )]
    pub(crate) fn run<R, T>(
        &self,
        call: Arc<Call>,
        profile_secrets: Vec<Secret>,
        function: &str,
        ask: impl AsyncFnOnce(&Instance, &mut Store<State>) -> wasmtime::Result<R>,
        finish: impl FnOnce(&State, R) -> Result<T, Failure>,
    ) -> impl Future<Output = Result<T, Failure>> {
        async move {
            let turn = self.turns.next().await;
            let _slot = turn.lend(self.runner.slot()).await;
            let _awake = self.runner.ticker.keep_awake();
            let clock = Clock::start(turn, call.limits.deadline);
            let mut store = self.store(call, profile_secrets, Arc::clone(&clock));
            store.data_mut().is_alone = is_alone(function);
            store.data_mut().signs_in = self.signs_in();
            // Boxed, because wasmtime's futures are large, and each caller would move them.
            let answer = Box::pin(async {
                let instance = self.component.instantiate_async(&mut store).await?;
                ask(&instance, &mut store).await
            });
            let answer =
                if self.uses_wasi { interrupted(answer, &clock).await } else { answer.await };
            let started = clock.started();
            // Where it is: it is large, and every caller would move it.
            let state = store.data_mut();
            state.subject().called(function, started);
            state.report_output(Lines::All);
            state.observe(|seen| {
                seen.time = started.elapsed();
                seen.memory_bytes = state.meter.memory_bytes();
                seen.denied.extend(state.denied().iter().cloned());
                seen.stopped = answer.is_err();
                seen.leaked_secret |= state.leaks(&state.log());
            });
            match answer {
                Ok(answer) => finish(state, answer),
                Err(error) => Err(stopped(state, &error, self.runner.stack_bytes)),
            }
        }
    }

    /// Returns a store with the limits of `call`, whose time is measured by `clock`.
    fn store(
        &self,
        call: Arc<Call>,
        profile_secrets: Vec<Secret>,
        clock: Arc<Clock>,
    ) -> Store<State> {
        let hostcall_bytes = call.limits.hostcall_bytes;
        let state = State::new(call, profile_secrets, self.is_built_in, clock);
        let mut store = Store::new(&self.runner.engine, state);
        if self.is_built_in {
            store.limiter(|state| &mut state.meter);
        } else {
            store.limiter_async(|state| &mut state.meter);
        }
        store.set_hostcall_fuel(hostcall_bytes);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            // Users who wait for a slow strategy want to see its output meanwhile.
            store.data_mut().report_output(Lines::Complete);
            let clock = Arc::clone(store.data().meter.clock());
            clock.left()?;
            // `yield_now` lets tokio run its timers too. If a spinning strategy woke
            // itself instead, it would delay them for many turns.
            let others = clock.wait(tokio::task::yield_now());
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(others)))
        });
        store
    }
}

/// Returns what a function that returns nothing answered.
pub(crate) fn done(state: &State, answer: Result<(), wit::AuthError>) -> Result<(), Failure> {
    answer.map_err(|error| returned_error(state, error))
}

/// Returns true for a function that the host calls once at a time for each session, so that
/// it may change the session and talk with servers. The others only say what is there.
fn is_alone(function: &str) -> bool {
    matches!(function, "refresh-if-needed" | "begin" | "resume" | "end")
}

/// Returns the request for `profile`, whose base URL is `base_url` without secrets.
pub(crate) fn request<'a>(
    call: &Call,
    profile: &Profile<'a>,
    base_url: Option<&'a str>,
) -> wit::Request<'a> {
    wit::Request {
        profile: wit::Profile {
            name: profile.name,
            provider: profile.provider,
            base_url,
            issuer: profile.issuer.map(Issuer::as_str),
            api_key_env: profile.api_key_env,
            api_key_file: profile.api_key_file,
            fallback_env: profile.fallback_env,
            options: profile.options,
        },
        explicit_key: call.given_key().is_some(),
        now: call.clock.seconds(),
    }
}

/// Waits for `answer`, and stops waiting when no time is left. The epoch interrupts only
/// running code, and a strategy that sleeps, which takes WASI, does not run.
async fn interrupted<R>(
    answer: impl Future<Output = wasmtime::Result<R>>,
    clock: &Clock,
) -> wasmtime::Result<R> {
    let mut answer = pin!(answer);
    loop {
        if let Ok(answer) = tokio::time::timeout(clock.left()?, &mut answer).await {
            return answer;
        }
    }
}
