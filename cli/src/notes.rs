//! What the runtime logs: warnings are always shown, everything with `--verbose`,
//! and `auth explain` collects the steps of a strategy.
//!
//! Log entries hold names and reasons, and never the value of a variable.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orchestration_runtime::{AUDIT_TARGET, AuditEvent, AuditRecord, LOG_TARGETS};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::remedy;
use crate::ui::stderr;

/// Listens until the command ends. Collects the steps of strategies in `steps`, and
/// shows at once what a strategy writes if `output` is set.
pub(crate) fn listen(verbose: bool, steps: Option<Steps>, output: bool) {
    let listener = Listener { verbose, warnings: Warnings::default(), output, steps };
    // It fails only if there is a listener already.
    let _ = tracing::subscriber::set_global_default(listener);
}

/// Hears every event, and passes it to those that want it. The registry of
/// `tracing-subscriber` would do the same and prepare for spans, which the runtime does
/// not have, in the time of several resolutions.
struct Listener {
    verbose: bool,
    warnings: Warnings,
    output: bool,
    steps: Option<Steps>,
}

impl Listener {
    /// The most detailed level that is of use from `target`.
    fn level(&self, target: &str) -> LevelFilter {
        let is_audit = target == AUDIT_TARGET;
        // Logs of libraries may hold unchecked text from servers, so they stay out.
        let is_ours = LOG_TARGETS.iter().any(|ours| target.starts_with(ours));
        match (is_audit, is_ours) {
            (true, _) if self.verbose || self.steps.is_some() => LevelFilter::DEBUG,
            (true, _) if self.output => LevelFilter::INFO,
            (_, true) if self.verbose => LevelFilter::DEBUG,
            (_, true) => LevelFilter::WARN,
            _ => LevelFilter::OFF,
        }
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level(metadata.target())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        [AUDIT_TARGET].into_iter().chain(LOG_TARGETS).map(|target| self.level(target)).max()
    }

    fn event(&self, event: &Event<'_>) {
        let record = AuditRecord::of(event);
        if self.verbose {
            stderr::note(&line(event));
        } else if let Some(AuditRecord { strategy, event: AuditEvent::Wrote { line }, .. }) =
            &record
            && self.output
        {
            stderr::note(&format!("{strategy}: {line}"));
        } else if *event.metadata().level() <= Level::WARN {
            self.warnings.show(event);
        }
        if let Some(steps) = &self.steps {
            locked(&steps.records).extend(record);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// An event as a line of the log: its level, its message and its fields.
fn line(event: &Event<'_>) -> String {
    struct Line(String);
    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            // Writing to a string never fails.
            let _ = match field.name() {
                "message" => write!(self.0, " {value:?}"),
                name => write!(self.0, " {name}={value:?}"),
            };
        }
    }
    let mut line = Line(format!("{:>5}", event.metadata().level()));
    event.record(&mut line);
    line.0.replace(char::is_control, " ")
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

impl Warnings {
    fn show(&self, event: &Event<'_>) {
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

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
