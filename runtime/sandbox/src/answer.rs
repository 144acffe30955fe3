//! Checks the answer of a strategy, or says why there is none.

use orchestration_support::{Secret, redact};
use wasmtime::Trap;
use zeroize::{Zeroize, Zeroizing};

use crate::bindings::orchestration::auth::types as wit;
use crate::capabilities::secrets::{Broken, Held};
use crate::capabilities::store::StoreFault;
use crate::credential::{self, Credentials};
use crate::denial::Denial;
use crate::failure::{ErrorKind, Failure, Seen, system_limit};
use crate::grants::Grant;
use crate::limits::Limit;
use crate::provenance;
use crate::said::Said;
use crate::source::{Source, StatedSource};
use crate::state::State;

/// What a strategy says about itself, sanitized.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The auth type that it was written for.
    pub auth_type: Said,
    /// Its version.
    pub version: Said,
    /// What it does, in one line.
    pub summary: Said,
    /// The variables that it reads in addition to those that a profile names.
    pub environment: Vec<String>,
}

impl Description {
    /// Returns the grants that it needs in addition to what a profile names.
    pub fn needs(&self) -> impl Iterator<Item = Grant> {
        self.environment.iter().map(Grant::variable)
    }
}

/// wasmtime's message when `Limits::hostcall_bytes` is exceeded. The type of that
/// error is private to wasmtime.
const HOSTCALL_FUEL_EXHAUSTED: &str =
    "too much data is being copied between the host and the guest";

/// wasmtime's message when `Limits::instances` is exceeded, which has no error type at
/// all.
const COUNT_EXCEEDED: &str = "resource limit exceeded: ";

/// Returns why a call that did not return was stopped.
pub(crate) fn stopped(state: &State, error: &wasmtime::Error, stack_bytes: usize) -> Failure {
    if let Some(limit) = error.downcast_ref::<Limit>() {
        return Failure::Limit(limit.clone());
    }
    if let Some(Broken(rule)) = error.downcast_ref::<Broken>() {
        return Failure::Contract(rule);
    }
    if let Some(fault) = error.downcast_ref::<StoreFault>() {
        return Failure::Session(fault.clone());
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
    if let Some(limit) = system_limit(error) {
        return Failure::System(limit);
    }
    if !state.denied().is_empty() {
        return denied(state);
    }
    Failure::Trap(redact::sanitize(&error.root_cause().to_string(), state.secrets()))
}

/// Returns the failure for an error that the strategy returned. If the host denied
/// something, the failure names that instead, because it says what to grant.
pub(crate) fn returned_error(state: &State, error: wit::AuthError) -> Failure {
    // They may contain a secret, so they are wiped.
    let message = Zeroizing::new(error.message);
    let hint = Zeroizing::new(error.hint.unwrap_or_default());
    // A strategy does not know that the limits of its requests can be raised.
    if let ErrorKind::Unavailable | ErrorKind::Internal = kind(error.kind)
        && let Some(limit) = state.per_call.http.exceeded()
    {
        return Failure::Limit(limit.clone());
    }
    let kind = match kind(error.kind) {
        ErrorKind::Denied if !state.denied().is_empty() => return denied(state),
        // Only the host denies, and it has not.
        ErrorKind::Denied => ErrorKind::Internal,
        kind => kind,
    };
    state.observe(|seen| {
        seen.leaked_secret |= state.leaks(&message) || state.leaks(&hint);
    });
    if let ErrorKind::Unavailable | ErrorKind::Internal = kind
        && let Some((origin, fault)) = state.per_call.http.failure()
    {
        let fault = fault.clone().sanitized(|text| redact::sanitize(text, state.secrets()));
        let (origin, time) = (origin.clone(), state.limits().http);
        return Failure::Unanswered { kind, origin, fault, time };
    }
    let texts = redact::sanitize_parts([&message, &hint], state.secrets());
    let [message, hint] =
        texts.map(|text| Some(text).filter(|text| !text.is_empty()).map(|text| state.said(text)));
    Failure::Answer { kind, message, hint, seen: Box::new(seen(state, kind)) }
}

/// Returns what the host saw in a call that returned an error of this kind.
fn seen(state: &State, kind: ErrorKind) -> Seen {
    let is_unavailable = kind == ErrorKind::Unavailable;
    let retry_after = state.per_call.http.retry_after().filter(|_| is_unavailable);
    let is_renewable = kind == ErrorKind::Renewable && state.per_call.store.is_loaded();
    let session = is_renewable.then(|| Source::Session { account: state.account(), renews: true });
    Seen { unset: state.unset().map(str::to_owned).collect(), session, retry_after }
}

/// The most variables in a description.
const MAX_DECLARED: usize = 64;

/// Returns the description that the strategy returned, sanitized.
///
/// # Errors
///
/// Fails with [`Failure::Contract`] if it declares too many variables.
pub(crate) fn described(state: &State, said: wit::Description) -> Result<Description, Failure> {
    let sanitized = |text: String| {
        let sanitized = redact::sanitize(redact::head(&text, 256), []);
        state.observe(|seen| seen.changed_description |= sanitized != text);
        sanitized
    };
    if said.environment.len() > MAX_DECLARED {
        return Err(Failure::Contract("it declares more than 64 variables"));
    }
    Ok(Description {
        auth_type: state.said(sanitized(said.auth_type)),
        version: state.said(sanitized(said.version)),
        summary: state.said(sanitized(said.summary)),
        environment: said.environment.into_iter().map(sanitized).collect(),
    })
}

fn denied(state: &State) -> Failure {
    // The names were sanitized when they were recorded, but the strategy may have read
    // a secret that is part of such a name only afterwards.
    let sanitized = |denial: &Denial| Denial {
        capability: denial.capability,
        wanted: redact::sanitize(&denial.wanted, state.secrets()),
    };
    Failure::Denied(state.denied().iter().map(sanitized).collect())
}

/// Converts a denial in `describe`, where no strategy is granted anything, so a grant
/// would not help.
pub(crate) fn in_describe(failure: Failure) -> Failure {
    match failure {
        Failure::Denied(denials) => Failure::DeniedInDescribe(denials),
        failure => failure,
    }
}

/// Returns the credential that the strategy returned, checked against limits and
/// contract.
///
/// # Errors
///
/// Fails with [`Failure::Limit`] or [`Failure::Contract`] if it breaks them, and with
/// [`Failure::Expired`] if it has expired.
pub(crate) fn accepted(state: &State, found: wit::Credentials) -> Result<Credentials, Failure> {
    // First of all, so that an early return frees no secret unwiped: a strategy may have
    // put one into a name or the source.
    let named: Vec<_> = found.values.into_iter().map(wiped).collect();
    let source = WipedSource(found.source);
    let values = named_secrets(state, &named)?;
    let stated = || {
        StatedSource::of(&source.0, |text| match state.gave(text) {
            // The host's own word, whatever is part of it by chance.
            true => text.to_owned(),
            false => redact::sanitize(text, state.secrets()),
        })
    };
    state.observe(|seen| {
        if let wit::Source::Environment(text) | wit::Source::File(text) | wit::Source::Other(text) =
            &source.0
        {
            seen.leaked_secret |= state.leaks(text);
        }
        seen.stated_source = Some(stated());
    });
    if values.is_empty() && !matches!(source.0, wit::Source::NotNeeded) {
        return Err(Failure::Contract("it returned a credential without a secret"));
    }
    let source = provenance::source(state, credential::key(&values).copied(), stated);
    for (name, held) in &values {
        state.subject().returned(name, state.per_call.secrets.made_of(held.roots()));
    }
    let text = |(name, held): (String, &Held)| (name, Secret::from(held.text()));
    let values = values.into_iter().map(text).collect();
    let saved = state.per_call.store.saved().filter(|_| matches!(source, Source::Session { .. }));
    let credentials = Credentials::new(values, source, found.expires_at).got_at(saved);
    // An expired credential would only fail later, at the provider.
    if found.expires_at.is_some() && credentials.has_expired(state.call.clock.now()) {
        return Err(Failure::Expired);
    }
    Ok(credentials)
}

/// Returns the secrets that the strategy named, each with its name in the credential, which
/// decides what is the key and is sanitized first.
fn named_secrets<'a>(
    state: &'a State,
    named: &[(Zeroizing<String>, Zeroizing<String>)],
) -> Result<Vec<(String, &'a Held)>, Failure> {
    let limits = state.limits();
    if named.len() > limits.returned_entries {
        return Err(Failure::Limit(Limit::ReturnedEntries(limits.returned_entries)));
    }
    let mut values = Vec::with_capacity(named.len());
    let mut bytes: usize = 0;
    for (name, secret) in named {
        let held = state.secret(secret).ok_or(NO_SECRET)?;
        if name.is_empty() || held.text().is_empty() {
            return Err(Failure::Contract("it returned an empty secret or name"));
        }
        bytes = bytes.saturating_add(name.len()).saturating_add(held.text().len());
        if bytes > limits.returned_bytes {
            return Err(Failure::Limit(Limit::ReturnedBytes(limits.returned_bytes)));
        }
        values.push((shown(state, name), held));
    }
    Ok(values)
}

/// Returns the name of a secret in a credential, sanitized. The name that almost every
/// credential uses is in the contract, so it tells nothing and need not be searched.
fn shown(state: &State, name: &str) -> String {
    match name {
        credential::KEY => name.to_owned(),
        _ => redact::sanitize(name, state.secrets()),
    }
}

/// The failure of a strategy that names a secret that is not there.
const NO_SECRET: Failure = Failure::Contract("it returned the name of no secret");

fn wiped((name, secret): (String, String)) -> (Zeroizing<String>, Zeroizing<String>) {
    (Zeroizing::new(name), Zeroizing::new(secret))
}

/// The source that a strategy states, which is wiped when dropped.
struct WipedSource(wit::Source);

impl Drop for WipedSource {
    fn drop(&mut self) {
        if let wit::Source::Environment(text) | wit::Source::File(text) | wit::Source::Other(text) =
            &mut self.0
        {
            text.zeroize();
        }
    }
}

fn kind(kind: wit::ErrorKind) -> ErrorKind {
    match kind {
        wit::ErrorKind::Missing => ErrorKind::Missing,
        wit::ErrorKind::Expired => ErrorKind::Expired,
        wit::ErrorKind::Renewable => ErrorKind::Renewable,
        wit::ErrorKind::Invalid => ErrorKind::Invalid,
        wit::ErrorKind::Denied => ErrorKind::Denied,
        wit::ErrorKind::Unavailable => ErrorKind::Unavailable,
        wit::ErrorKind::Unsupported => ErrorKind::Unsupported,
        wit::ErrorKind::Internal => ErrorKind::Internal,
    }
}
