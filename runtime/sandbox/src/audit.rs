//! What a strategy asked for, as events.
//!
//! Someone who runs a stranger's strategy wants to see afterwards what it reached
//! for. Every ask of a call becomes an [`AuditEvent`]: `auth explain`, the notes
//! of `--verbose` and tests all read this one type. It travels as an event of
//! `tracing` under [`TARGET`], so that whoever embeds the runtime can filter and
//! store it like any other; [`AuditRecord::of`] turns such an event back into the
//! type, so that no reader matches on words.
//!
//! A value of a variable is never part of one. A strategy may ask without end, so
//! the host calls of one call are counted, and the last event says so.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// The target of the events, for filters.
pub const TARGET: &str = "orchestration::audit";

/// The most host calls of one call that become events.
const MAX_EVENTS: u32 = 256;

/// The strategy and the profile that events are about.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The auth type of the strategy.
    pub strategy: Arc<str>,
    /// The profile that it is called for.
    pub profile: Arc<str>,
}

/// One thing that happened in a call of a strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditEvent {
    /// The call that begins may reach this.
    Granted {
        /// E.g. the name of a variable.
        name: String,
    },
    /// The strategy called the host.
    HostCall {
        /// The interface that it called, e.g. `environment` or `wasi:io/streams`.
        interface: String,
        /// What it asked for, where the interface is asked by name.
        name: Option<String>,
        /// What came of it.
        outcome: Outcome,
    },
    /// Further host calls of this call are not listed.
    Unlisted,
    /// The strategy was made ready to be called.
    Loaded {
        /// How long that took.
        time: Duration,
    },
    /// A function of the strategy returned.
    Called {
        /// The function, as the contract names it.
        function: String,
        /// How long it took.
        time: Duration,
    },
    /// The strategy wrote to its output. Other events have level `DEBUG`, this one
    /// has `INFO`.
    Wrote {
        /// The line, sanitized.
        line: String,
    },
}

/// What came of a host call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was outside the grants.
    Denied,
    /// It was granted, and there is nothing of that name.
    Unset,
    /// It was granted and found.
    Found,
    /// The interface is there for every strategy.
    Allowed,
}

/// An event with its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The auth type of the strategy.
    pub strategy: String,
    /// The profile that it was called for.
    pub profile: String,
    /// What happened.
    pub event: AuditEvent,
}

impl AuditRecord {
    /// Reads an event of [`TARGET`]; `None` for every other event.
    pub fn of(event: &Event<'_>) -> Option<Self> {
        if event.metadata().target() != TARGET {
            return None;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        fields.record()
    }
}

/// The fields of an event while it is read.
#[derive(Default)]
struct Fields {
    kind: String,
    strategy: String,
    profile: String,
    name: Option<String>,
    interface: String,
    outcome: String,
    function: String,
    line: String,
    micros: u64,
}

impl Fields {
    fn record(self) -> Option<AuditRecord> {
        let time = Duration::from_micros(self.micros);
        let event = match self.kind.as_str() {
            "granted" => AuditEvent::Granted { name: self.name.unwrap_or_default() },
            "host-call" => AuditEvent::HostCall {
                interface: self.interface,
                name: self.name,
                outcome: Outcome::ALL.into_iter().find(|known| known.as_str() == self.outcome)?,
            },
            "unlisted" => AuditEvent::Unlisted,
            "loaded" => AuditEvent::Loaded { time },
            "called" => AuditEvent::Called { function: self.function, time },
            "wrote" => AuditEvent::Wrote { line: self.line },
            _ => return None,
        };
        Some(AuditRecord { strategy: self.strategy, profile: self.profile, event })
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "micros" {
            self.micros = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => value.clone_into(&mut self.kind),
            "strategy" => value.clone_into(&mut self.strategy),
            "profile" => value.clone_into(&mut self.profile),
            "name" => self.name = Some(value.to_owned()),
            "interface" => value.clone_into(&mut self.interface),
            "outcome" => value.clone_into(&mut self.outcome),
            "function" => value.clone_into(&mut self.function),
            "line" => value.clone_into(&mut self.line),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Denied, Self::Unset, Self::Found, Self::Allowed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Unset => "not set",
            Self::Found => "found",
            Self::Allowed => "allowed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Emits one event with the fields of its subject.
macro_rules! emit {
    ($subject:expr, $kind:literal, $message:literal $(, $field:ident = $value:expr)*) => {{
        let Subject { strategy, profile } = $subject;
        tracing::debug!(
            target: TARGET, strategy = &**strategy, profile = &**profile, event = $kind
            $(, $field = $value)*, $message
        );
    }};
}

/// The host calls of one call, counted.
#[derive(Default)]
pub(crate) struct Audit {
    events: u32,
}

impl Audit {
    /// The strategy asked `interface` for `name`, which is sanitized.
    pub(crate) fn asked(
        &mut self,
        subject: &Subject,
        interface: &str,
        name: &str,
        outcome: Outcome,
    ) {
        if self.is_listed(subject) {
            let outcome = outcome.as_str();
            emit!(
                subject,
                "host-call",
                "host call",
                interface = interface,
                name = name,
                outcome = outcome
            );
        }
    }

    /// The strategy called a function of `interface` that every strategy has.
    pub(crate) fn called(&mut self, subject: &Subject, interface: &str) {
        if self.is_listed(subject) {
            let outcome = Outcome::Allowed.as_str();
            emit!(subject, "host-call", "host call", interface = interface, outcome = outcome);
        }
    }

    /// Counts a host call and returns true if it becomes an event.
    fn is_listed(&mut self, subject: &Subject) -> bool {
        self.events = self.events.saturating_add(1);
        if self.events == MAX_EVENTS {
            emit!(subject, "unlisted", "further host calls are not listed");
        }
        self.events < MAX_EVENTS && tracing::enabled!(target: TARGET, Level::DEBUG)
    }
}

impl Subject {
    /// Notes that the call that begins may reach `name`.
    pub fn granted(&self, name: &str) {
        emit!(self, "granted", "granted", name = name);
    }

    /// Notes that the strategy was made ready to be called.
    pub fn loaded(&self, started: Instant) {
        emit!(self, "loaded", "loaded", micros = micros_since(started));
    }

    /// Notes that the strategy wrote `line`, which is sanitized.
    pub(crate) fn wrote(&self, line: &str) {
        let Self { strategy, profile } = self;
        tracing::info!(
            target: TARGET, strategy = &**strategy, profile = &**profile, event = "wrote", line,
            "the strategy wrote"
        );
    }

    /// Notes that a function of the strategy returned.
    pub(crate) fn called(&self, function: &str, started: Instant) {
        emit!(self, "called", "called", function = function, micros = micros_since(started));
    }
}

/// Reads the clock only where someone listens.
fn micros_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}
