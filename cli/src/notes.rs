//! What the runtime notes on the way: warnings always, everything under
//! `--verbose`, and for `auth explain` what a strategy asked for.
//!
//! Notes are made of names and reasons; no value of a variable is ever put into
//! one.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orchestration_runtime::AUDIT_TARGET;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::{failure, spinner};

/// Where the runtime's own notes come from.
const RUNTIME: &str = "orchestration_runtime";

/// Listens from now on, to the end of the command. What a strategy asked for is
/// collected in `asked`, where somebody wants it; what it writes is shown at
/// once where `output` says so.
pub(crate) fn listen(verbose: bool, asked: Option<Asked>, output: bool) {
    // What libraries note may hold what servers say, which nobody has looked through.
    let ours = Targets::new().with_target(RUNTIME, Level::DEBUG);
    let ours = ours.with_target(AUDIT_TARGET, Level::DEBUG);
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
    // The other layer shows them too.
    let warnings = (!verbose)
        .then(|| Warnings::default().with_filter(Targets::new().with_target(RUNTIME, Level::WARN)));
    let output = (output && !verbose)
        .then(|| Output.with_filter(Targets::new().with_target(RUNTIME, Level::INFO)));
    let asked = asked
        .map(|asked| asked.with_filter(Targets::new().with_target(AUDIT_TARGET, Level::DEBUG)));
    // It fails where somebody listens already, and then all is well too.
    let _ = tracing_subscriber::registry()
        .with(everything)
        .with(warnings)
        .with(output)
        .with(asked)
        .try_init();
}

/// One event: what it says and its fields, in its own order.
#[derive(Debug, Default)]
pub(crate) struct Note {
    pub(crate) message: String,
    fields: Vec<(&'static str, String)>,
}

impl Note {
    fn of(event: &Event<'_>) -> Self {
        let mut note = Self::default();
        event.record(&mut note);
        note
    }

    /// The field of this name; nothing where there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
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

/// Shows warnings on stderr, each reason once: what is wrong with a folder is
/// wrong for every file in it.
#[derive(Default)]
struct Warnings {
    told: Mutex<BTreeSet<String>>,
}

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let note = Note::of(event);
        if locked(&self.told).insert(note.field("reason").to_owned()) {
            failure::warn(&note.message, &note.fields);
        }
    }
}

/// Shows on stderr what a strategy writes, while it runs.
struct Output;

impl<S: Subscriber> Layer<S> for Output {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let note = Note::of(event);
        if note.message == "the strategy wrote" {
            spinner::erase();
            let (strategy, line) = (note.field("strategy"), note.field("line"));
            let _ = writeln!(anstream::stderr(), "{strategy}: {line}");
        }
    }
}

/// The events of [`AUDIT_TARGET`], in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    notes: Arc<Mutex<Vec<Note>>>,
}

impl Asked {
    /// All that was noted so far.
    pub(crate) fn take(&self) -> Vec<Note> {
        std::mem::take(&mut *locked(&self.notes))
    }
}

impl<S: Subscriber> Layer<S> for Asked {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        locked(&self.notes).push(Note::of(event));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
