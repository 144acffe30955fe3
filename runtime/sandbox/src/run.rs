//! Running one call: a fresh store, one export, and what came of it.

use std::sync::Arc;
use std::time::Instant;

use orchestration_support::{Secret, redact};
use wasmtime::component::{ComponentType, Instance, Lift};
use wasmtime::{Store, UpdateDeadline};

use crate::answer::{Description, accepted, described, in_describe, refused, stopped};
use crate::bindings::AuthStrategy;
use crate::bindings::orchestration::auth::types as wit;
use crate::call::Call;
use crate::credential::Credentials;
use crate::failure::Failure;
use crate::limits::Limit;
use crate::link::{Export, Strategy};
use crate::profile::Profile;
use crate::state::{Lines, State};

impl Strategy {
    /// Asks the strategy what it is. This checks the types of everything that it
    /// exports; a strategy from a file is asked before anything else.
    ///
    /// # Errors
    ///
    /// Fails with the [`Failure`] that stopped it.
    pub async fn describe(&self, call: Arc<Call>) -> Result<Description, Failure> {
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
    ///
    /// # Errors
    ///
    /// Fails with [`Failure::Answer`] if there is none, and with the [`Failure`] that
    /// stopped it otherwise.
    pub async fn get_credentials(
        &self,
        call: Arc<Call>,
        profile: Profile<'_>,
    ) -> Result<Credentials, Failure> {
        type Answer = Result<wit::Credentials, wit::AuthError>;
        let (answer, state): (Answer, _) =
            self.ask(call, &self.exports.get_credentials, profile).await?;
        let found = answer.map_err(|error| refused(&state, error))?;
        state.observe(|seen| seen.answered_credential = true);
        accepted(&state, found)
    }

    /// Asks the strategy to renew what has expired.
    ///
    /// # Errors
    ///
    /// As for [`get_credentials`](Self::get_credentials).
    pub async fn refresh_if_needed(
        &self,
        call: Arc<Call>,
        profile: Profile<'_>,
    ) -> Result<(), Failure> {
        type Answer = Result<(), wit::AuthError>;
        let (answer, state): (Answer, _) =
            self.ask(call, &self.exports.refresh_if_needed, profile).await?;
        answer.map_err(|error| refused(&state, error))
    }

    /// Asks the strategy whether its credential is good.
    ///
    /// # Errors
    ///
    /// Fails with the [`Failure`] that stopped it.
    pub async fn is_valid(&self, call: Arc<Call>, profile: Profile<'_>) -> Result<bool, Failure> {
        let (answer, _) = self.ask(call, &self.exports.is_valid, profile).await?;
        Ok(answer)
    }

    /// Calls one export. The generated bindings look up all four for every
    /// instance, and look at their types, which takes a sixth of the call.
    async fn ask<R>(
        &self,
        call: Arc<Call>,
        export: &Export,
        profile: Profile<'_>,
    ) -> Result<(R, State), Failure>
    where
        R: Lift + ComponentType + Send + Sync + 'static,
    {
        let explicit = call.explicit_key.clone();
        let request = wit::Request {
            profile: wit::Profile {
                name: profile.name,
                provider: profile.provider,
                base_url: profile.base_url,
                api_key_env: profile.api_key_env,
                fallback_env: profile.fallback_env,
                options: profile.options,
            },
            explicit_key: explicit.as_ref().map(Secret::expose),
        };
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
        let _slot = self.runner.slot().await;
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
        state.report_output(Lines::All);
        state.observe(|seen| {
            seen.time = started.elapsed();
            seen.memory_bytes = state.meter.memory_bytes();
            seen.denied.extend(state.denied().iter().cloned());
            seen.stopped = answer.is_err();
            seen.leaked_secret |= redact::contains_secret(&state.log(), state.secrets());
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
            store.data_mut().report_output(Lines::Complete);
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
