//! What the host keeps for the length of one call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use zeroize::Zeroize;

use super::audit::{Audit, Outcome, Subject};
use super::host::wasi::Wasi;
use super::limits::{Limits, Meter};
use super::{Call, Grants};
use crate::{Environment, Secret, text};

/// The most denied asks that are remembered of one call, and the most bytes of
/// each: a strategy may ask for names without end.
const DENIALS: usize = 32;
const DENIED_NAME: usize = 128;

/// The host's side of one call: what it grants, and what was asked.
pub(super) struct State {
    environment: Arc<Environment>,
    explicit_key: Option<Secret>,
    grants: Grants,
    audit: Audit,
    wasi: Option<Box<Wasi>>,
    pub(super) meter: Meter,
    /// What was read, by name. A second ask gets the first answer, so asking in
    /// a loop costs the host nothing, and every value is known to the scrubber.
    read: BTreeMap<String, Read>,
    denied: BTreeSet<String>,
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
    pub(super) fn new(call: Call) -> Self {
        Self {
            environment: call.environment,
            explicit_key: call.explicit_key,
            grants: call.grants,
            audit: Audit::of(call.subject),
            wasi: None,
            meter: Meter::new(call.limits),
            read: BTreeMap::new(),
            denied: BTreeSet::new(),
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        self.meter.limits()
    }

    pub(super) fn subject(&self) -> &Subject {
        self.audit.subject()
    }

    /// Notes that the strategy calls a function of `capability`, which is there
    /// for everybody.
    pub(super) fn calls(&mut self, capability: &str) -> &mut Self {
        self.audit.called(capability);
        self
    }

    /// The WASI side of this call, made when it is first needed.
    pub(super) fn wasi(&mut self) -> &mut Wasi {
        let limits = self.meter.limits();
        self.wasi.get_or_insert_with(|| Box::new(Wasi::new(limits)))
    }

    /// What the strategy has written to its output.
    pub(super) fn log(&self) -> String {
        self.wasi.as_ref().map(|wasi| wasi.log()).unwrap_or_default()
    }

    /// Reads a variable for the strategy, which asks through `capability`; none
    /// where it is not granted.
    pub(super) fn read_variable(&mut self, capability: &str, name: &str) -> Option<Read> {
        if !self.grants.has_variable(name) {
            let name = text::presentable(name, self.secrets());
            let shown = text::head(&name, DENIED_NAME).to_owned();
            self.audit.asked(capability, &shown, Outcome::Denied);
            self.deny(shown);
            return None;
        }
        let read = match self.read.get(name) {
            Some(read) => read.clone(),
            None => {
                let read = Read::from_environment(&self.environment, name);
                self.read.insert(name.to_owned(), read.clone());
                read
            }
        };
        let outcome = if matches!(read, Read::Unset) { Outcome::Unset } else { Outcome::Found };
        self.audit.asked(capability, name, outcome);
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
        self.grants.variables()
    }

    /// Every secret that the strategy was given: the key of the request, and
    /// what it has read.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let read = self.read.values().filter_map(|read| match read {
            Read::Value(value) => Some(&**value),
            Read::Unset | Read::NotUnicode => None,
        });
        read.chain(self.explicit_key.as_ref().map(Secret::expose))
    }
}

/// Wipes what was read. By now wasmtime holds no share of it.
impl Drop for State {
    fn drop(&mut self) {
        for read in self.read.values_mut() {
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
