//! What the host keeps for the length of one call.

use std::collections::BTreeSet;
use std::sync::Arc;

use orchestration_support::{Secret, redact};
use zeroize::Zeroizing;

use crate::audit::{Audit, Outcome, Subject};
use crate::call::Call;
use crate::capabilities::environment::{Values, Variable};
use crate::capabilities::wasi::Wasi;
use crate::denial::Denial;
use crate::grants::Capability;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::observation::Observation;

/// The most denied asks that are remembered of one call, and the most bytes of
/// each: a strategy may ask for names without end.
const DENIALS: usize = 32;
const DENIED_NAME: usize = 128;

/// The host's side of one call: what it grants, and what was asked.
pub(crate) struct State {
    call: Arc<Call>,
    audit: Audit,
    wasi: Option<Box<Wasi>>,
    pub(crate) meter: Meter,
    variables: Values,
    denied: BTreeSet<Denial>,
}

/// Which lines of a strategy's output are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Those that have an end.
    Complete,
    /// The last as well: nothing comes after it.
    All,
}

impl State {
    pub(crate) fn new(call: Arc<Call>) -> Self {
        Self {
            meter: Meter::new(&call.limits),
            call,
            audit: Audit::default(),
            wasi: None,
            variables: Values::default(),
            denied: BTreeSet::new(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.call.limits
    }

    pub(crate) fn subject(&self) -> &Subject {
        &self.call.subject
    }

    /// Notes that the strategy calls a function of `capability`, which is there
    /// for everybody.
    pub(crate) fn calls(&mut self, capability: &str) -> &mut Self {
        self.audit.called(&self.call.subject, capability);
        self.report_output(Lines::Complete);
        self
    }

    /// The WASI side of this call, made when it is first needed.
    pub(crate) fn wasi(&mut self) -> &mut Wasi {
        self.wasi.get_or_insert_with(|| Box::new(Wasi::new(&self.call.limits)))
    }

    /// Returns what the strategy has written to its output.
    pub(crate) fn log(&self) -> String {
        self.wasi.as_ref().map(|wasi| wasi.log()).unwrap_or_default()
    }

    /// Reports what the strategy wrote since this was last called.
    ///
    /// A line is reported while the strategy runs, unless a secret that it was given
    /// spans several: the first of these must not be shown before the last has
    /// arrived and can be compared.
    pub(crate) fn report_output(&mut self, lines: Lines) {
        let Some(wasi) = &self.wasi else {
            return;
        };
        let new = Zeroizing::new(wasi.log_since_reported());
        let ready = match lines {
            Lines::All => new.len(),
            Lines::Complete if redact::has_lines(self.secrets()) => 0,
            Lines::Complete => new.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1),
        };
        let Some(ready) = new.get(..ready).filter(|ready| !ready.is_empty()) else {
            return;
        };
        wasi.reported(ready.len());
        let output = Zeroizing::new(String::from_utf8_lossy(ready).into_owned());
        for line in redact::sanitize_lines(&output, self.secrets()) {
            self.subject().wrote(&line);
        }
    }

    /// Records something for the observer of the call.
    pub(crate) fn observe(&self, note: impl FnOnce(&mut Observation)) {
        if let Some(observer) = &self.call.observer {
            observer.note(note);
        }
    }

    /// Reads a variable for the strategy, which asks through `interface`; `None` if
    /// it is not granted.
    pub(crate) fn read_variable(&mut self, interface: &str, name: &str) -> Option<Variable> {
        let Some(place) = self.call.grants.environment.place(name) else {
            self.deny(Capability::Environment, interface, name);
            return None;
        };
        let variable = self.variables.read(&self.call.environment, place, name);
        let unset = matches!(variable, Variable::Unset);
        let outcome = if unset { Outcome::Unset } else { Outcome::Found };
        self.audit.asked(&self.call.subject, interface, name, outcome);
        Some(variable)
    }

    /// Notes that the strategy asked for `wanted` and was denied.
    fn deny(&mut self, capability: Capability, interface: &str, wanted: &str) {
        let wanted = redact::sanitize(wanted, self.secrets());
        let wanted = redact::head(&wanted, DENIED_NAME).to_owned();
        self.audit.asked(&self.call.subject, interface, &wanted, Outcome::Denied);
        if self.denied.len() < DENIALS {
            self.denied.insert(Denial { capability, wanted });
        }
    }

    /// Returns what was asked for and not granted, each once, sanitized.
    pub(crate) fn denied(&self) -> &BTreeSet<Denial> {
        &self.denied
    }

    /// Returns the granted variables, sorted.
    pub(crate) fn granted(&self) -> impl Iterator<Item = &str> {
        self.call.grants.environment.names()
    }

    /// Returns every secret that the strategy was given: the key of the request, and
    /// what it has read.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let explicit = self.call.explicit_key.as_ref().map(Secret::expose);
        self.variables.secrets().chain(explicit)
    }
}
