//! What a strategy asked for, as events.
//!
//! Somebody who runs a stranger's strategy wants to see afterwards what it
//! reached for. Every ask of a call becomes an event of `tracing` under the
//! target [`TARGET`], with these fields; `auth explain` is made of them.
//!
//! | message | fields |
//! | --- | --- |
//! | `granted` | strategy, profile, name |
//! | `host call` | strategy, profile, capability, granted; name and found, where something is asked for by name |
//! | `loaded` | strategy, profile, micros |
//! | `called` | strategy, profile, function, micros |
//!
//! A value is never among them. A strategy may ask without end, so the events
//! of one call are counted, and end with one that says so.

use std::sync::Arc;
use std::time::Instant;

/// The target of the events, for filters.
pub const TARGET: &str = "orchestration::audit";

/// The most host calls of one call that become events.
const MAX_EVENTS: u32 = 256;

/// Whom events tell of.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// The auth type of the strategy.
    pub(crate) strategy: Arc<str>,
    /// The profile that it is asked about.
    pub(crate) profile: Arc<str>,
}

/// What came of an ask for a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Denied,
    Unset,
    Found,
}

/// The events of one call, counted.
#[derive(Default)]
pub(super) struct Audit {
    events: u32,
}

impl Audit {
    /// The strategy asked for the variable `name`, which is fit to be shown,
    /// through `capability`.
    pub(super) fn asked(
        &mut self,
        subject: &Subject,
        capability: &str,
        name: &str,
        outcome: Outcome,
    ) {
        if self.is_listed(subject) {
            let Subject { strategy, profile } = subject;
            let granted = outcome != Outcome::Denied;
            let found = outcome == Outcome::Found;
            tracing::debug!(target: TARGET, %strategy, %profile, capability, name, granted, found, "host call");
        }
    }

    /// The strategy called a function of `capability` that is there for all.
    pub(super) fn called(&mut self, subject: &Subject, capability: &str) {
        if self.is_listed(subject) {
            let Subject { strategy, profile } = subject;
            tracing::debug!(target: TARGET, %strategy, %profile, capability, granted = true, "host call");
        }
    }

    /// Counts a host call, and says whether it is to become an event.
    fn is_listed(&mut self, subject: &Subject) -> bool {
        self.events = self.events.saturating_add(1);
        if self.events == MAX_EVENTS {
            let Subject { strategy, profile } = subject;
            tracing::debug!(target: TARGET, %strategy, %profile, "further host calls are not listed");
        }
        self.events < MAX_EVENTS && tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
    }
}

impl Subject {
    /// The variable `name` may be read by the call that begins.
    pub(crate) fn granted(&self, name: &str) {
        let Self { strategy, profile } = self;
        tracing::debug!(target: TARGET, %strategy, %profile, name, "granted");
    }

    /// The strategy was made ready to be called.
    pub(crate) fn loaded(&self, started: Instant) {
        let Self { strategy, profile } = self;
        tracing::debug!(target: TARGET, %strategy, %profile, micros = micros_since(started), "loaded");
    }

    /// A function of the strategy came to an end.
    pub(super) fn called(&self, function: &str, started: Instant) {
        let Self { strategy, profile } = self;
        tracing::debug!(target: TARGET, %strategy, %profile, function, micros = micros_since(started), "called");
    }
}

/// The clock is read where somebody listens, and only there.
fn micros_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}
