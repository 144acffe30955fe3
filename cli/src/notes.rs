//! What the runtime logs: warnings are always shown, everything with `--verbose`,
//! and `auth explain` collects the steps of a strategy.
//!
//! Log entries hold names and reasons, and never the value of a variable.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orchestration_runtime::{AUDIT_TARGET, AuditEvent, AuditRecord, LOG_TARGETS};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::remedy;
use crate::ui::{spinner, stderr};

/// Listens until the command ends. Collects the steps of strategies in `steps`, and
/// shows at once what a strategy writes if `output` is set.
pub(crate) fn listen(verbose: bool, steps: Option<Steps>, output: bool) {
    // Logs of libraries may hold unchecked text from servers, so they stay out.
    let runtime = |level| Targets::new().with_targets(LOG_TARGETS.map(|target| (target, level)));
    let audit = |level| Targets::new().with_target(AUDIT_TARGET, level);
    let ours = runtime(Level::DEBUG).with_target(AUDIT_TARGET, Level::DEBUG);
    let everything = verbose.then(|| {
        fmt::layer()
            .with_writer(|| {
                spinner::erase();
                std::io::stderr()
            })
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .with_filter(ours)
    });
    // With `--verbose`, the other layer shows warnings too.
    let warnings = (!verbose).then(|| Warnings::default().with_filter(runtime(Level::WARN)));
    let output = (output && !verbose).then(|| Output.with_filter(audit(Level::INFO)));
    let steps = steps.map(|steps| steps.with_filter(audit(Level::DEBUG)));
    // It fails only if there is a listener already.
    let _ = tracing_subscriber::registry()
        .with(everything)
        .with(warnings)
        .with(output)
        .with(steps)
        .try_init();
}

/// One event: its message, and its fields in order.
#[derive(Debug, Default)]
struct Note {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Note {
    fn of(event: &Event<'_>) -> Self {
        let mut note = Self::default();
        event.record(&mut note);
        note
    }

    /// The value of a field, empty if the event has no such field.
    fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }
}

impl Visit for Note {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        match field.name() {
            "message" => self.message = value,
            name => self.fields.push((name, value)),
        }
    }
}

/// Shows warnings on stderr. Of those about a file, each reason once: a problem with a
/// directory affects every file in it. Others are events, and each of them is news.
#[derive(Default)]
struct Warnings {
    shown: Mutex<BTreeSet<String>>,
}

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let note = Note::of(event);
        let is_event = note.field("path").is_empty();
        if is_event || locked(&self.shown).insert(note.field("reason").to_owned()) {
            let hidden = ["event", "profile", "strategy"];
            let fields = note.fields.iter().filter(|(name, _)| !hidden.contains(name));
            let fields = fields.map(|(name, value)| format!("\n  {name}: {value}"));
            let help = (note.field("event") == "fallback").then(|| match note.field("strategy") {
                "" => remedy::turn_off_fallback(note.field("profile")),
                strategy => remedy::revoke_fallback(strategy),
            });
            let help = help.map(|help| format!("\n  help: {help}"));
            let message = [note.message.clone(), fields.collect(), help.unwrap_or_default()];
            stderr::warning(&message.concat(), None);
        }
    }
}

/// Shows what a strategy writes on stderr while it runs.
struct Output;

impl<S: Subscriber> Layer<S> for Output {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if let Some(AuditRecord { strategy, event: AuditEvent::Wrote { line }, .. }) =
            AuditRecord::of(event)
        {
            stderr::note(&format!("{strategy}: {line}"));
        }
    }
}

/// The steps of strategies, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    records: Arc<Mutex<Vec<AuditRecord>>>,
}

impl Steps {
    /// Takes all steps so far.
    pub(crate) fn take(&self) -> Vec<AuditRecord> {
        std::mem::take(&mut *locked(&self.records))
    }
}

impl<S: Subscriber> Layer<S> for Steps {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        locked(&self.records).extend(AuditRecord::of(event));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
