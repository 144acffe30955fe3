//! What the host keeps for the length of one call.

use std::collections::BTreeSet;
use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use super::Call;
use super::Observation;
use super::audit::{Audit, Outcome, Subject};
use super::host::wasi::Wasi;
use super::limits::{Limits, Meter};
use crate::{Environment, Secret, text};

/// The most denied asks that are remembered of one call, and the most bytes of
/// each: a strategy may ask for names without end.
const DENIALS: usize = 32;
const DENIED_NAME: usize = 128;

/// The host's side of one call: what it grants, and what was asked.
pub(super) struct State {
    call: Arc<Call>,
    audit: Audit,
    wasi: Option<Box<Wasi>>,
    pub(super) meter: Meter,
    /// What was read, by the place of its name among the grants. A second ask
    /// gets the first answer, so asking in a loop costs the host nothing, and
    /// every value is known to the scrubber.
    read: Vec<(usize, Read)>,
    denied: BTreeSet<String>,
}

/// Which lines of a strategy's output are to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// Those that have an end.
    Complete,
    /// The last as well: nothing comes after it.
    All,
}

/// The answer to an ask for a granted variable.
#[derive(Clone)]
pub(super) enum Read {
    Unset,
    /// Shared with wasmtime for as long as it takes to copy it into the guest.
    Value(Arc<str>),
    NotUnicode,
}

impl State {
    pub(super) fn new(call: Arc<Call>) -> Self {
        Self {
            meter: Meter::new(&call.limits),
            call,
            audit: Audit::default(),
            wasi: None,
            read: Vec::new(),
            denied: BTreeSet::new(),
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.call.limits
    }

    pub(super) fn subject(&self) -> &Subject {
        &self.call.subject
    }

    /// Notes that the strategy calls a function of `capability`, which is there
    /// for everybody.
    pub(super) fn calls(&mut self, capability: &str) -> &mut Self {
        self.audit.called(&self.call.subject, capability);
        self.tell_output(Lines::Complete);
        self
    }

    /// The WASI side of this call, made when it is first needed.
    pub(super) fn wasi(&mut self) -> &mut Wasi {
        self.wasi.get_or_insert_with(|| Box::new(Wasi::new(&self.call.limits)))
    }

    /// What the strategy has written to its output.
    pub(super) fn log(&self) -> String {
        self.wasi.as_ref().map(|wasi| wasi.log()).unwrap_or_default()
    }

    /// Tells whoever listens what the strategy wrote since this was last called.
    ///
    /// A line is told while the strategy runs, except where a secret that it was
    /// given has several: the first of them must not be told before the last is
    /// there to be compared.
    pub(super) fn tell_output(&mut self, lines: Lines) {
        let Some(wasi) = &self.wasi else {
            return;
        };
        let new = Zeroizing::new(wasi.log_since_told());
        let ready = match lines {
            Lines::All => new.len(),
            Lines::Complete if text::has_lines(self.secrets()) => 0,
            Lines::Complete => new.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1),
        };
        let Some(ready) = new.get(..ready).filter(|ready| !ready.is_empty()) else {
            return;
        };
        wasi.told(ready.len());
        let Subject { strategy, profile } = self.subject();
        let output = Zeroizing::new(String::from_utf8_lossy(ready).into_owned());
        for line in text::presentable_lines(&output, self.secrets()) {
            tracing::info!(%strategy, %profile, line, "the strategy wrote");
        }
    }

    /// Notes something for whoever wants to know what the call does.
    pub(super) fn observe(&self, note: impl FnOnce(&mut Observation)) {
        if let Some(observer) = &self.call.observer {
            observer.note(note);
        }
    }

    /// Reads a variable for the strategy, which asks through `capability`; none
    /// where it is not granted.
    pub(super) fn read_variable(&mut self, capability: &str, name: &str) -> Option<Read> {
        let Some(grant) = self.call.grants.place(name) else {
            let name = text::presentable(name, self.secrets());
            let shown = text::head(&name, DENIED_NAME).to_owned();
            self.audit.asked(&self.call.subject, capability, &shown, Outcome::Denied);
            self.deny(shown);
            return None;
        };
        let read = match self.read.iter().find(|(known, _)| *known == grant) {
            Some((_, read)) => read.clone(),
            None => {
                let read = Read::from_environment(&self.call.environment, name);
                self.read.push((grant, read.clone()));
                read
            }
        };
        let outcome = if matches!(read, Read::Unset) { Outcome::Unset } else { Outcome::Found };
        self.audit.asked(&self.call.subject, capability, name, outcome);
        Some(read)
    }

    fn deny(&mut self, name: String) {
        if self.denied.len() < DENIALS {
            self.denied.insert(name);
        }
    }

    /// What was asked for and not granted, each once, fit to be shown.
    pub(super) fn denied(&self) -> &BTreeSet<String> {
        &self.denied
    }

    /// The granted variables, sorted.
    pub(super) fn granted(&self) -> impl Iterator<Item = &str> {
        self.call.grants.variables()
    }

    /// Every secret that the strategy was given: the key of the request, and
    /// what it has read.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let read = self.read.iter().filter_map(|(_, read)| match read {
            Read::Value(value) => Some(&**value),
            Read::Unset | Read::NotUnicode => None,
        });
        read.chain(self.call.explicit_key.as_ref().map(Secret::expose))
    }
}

/// Wipes what was read. By now wasmtime holds no share of it.
impl Drop for State {
    fn drop(&mut self) {
        for (_, read) in &mut self.read {
            if let Read::Value(value) = read
                && let Some(value) = Arc::get_mut(value)
            {
                value.zeroize();
            }
        }
    }
}

impl Read {
    fn from_environment(environment: &Environment, name: &str) -> Self {
        let Some(value) = environment.get(name) else {
            return Self::Unset;
        };
        match value.into_string() {
            Ok(mut value) => {
                let shared = Arc::from(value.as_str());
                value.zeroize();
                Self::Value(shared)
            }
            Err(value) => {
                value.into_encoded_bytes().zeroize();
                Self::NotUnicode
            }
        }
    }
}
