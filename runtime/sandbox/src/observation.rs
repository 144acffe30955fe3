//! What a call did, in addition to its answer.
//!
//! The host cleans up what strategies say: it redacts secrets, removes control
//! characters, and replaces the error after a denial. That protects users, but hides
//! mistakes from the strategy's author. The conformance suite reads them from here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::denial::Denial;
use crate::source::StatedSource;

/// What one or several calls did.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// Wall-clock time of the last call, from the creation of the instance to its answer.
    pub time: Duration,
    /// Bytes of memory that the instances of the last call used.
    pub memory_bytes: usize,
    /// What the strategy asked for and was not granted.
    pub denied: BTreeSet<Denial>,
    /// The last call was stopped before it returned.
    pub stopped: bool,
    /// The strategy returned a credential, whether or not the host accepted it.
    pub answered_credential: bool,
    /// The source of the last credential as the strategy states it.
    pub stated_source: Option<StatedSource>,
    /// The strategy's output, error or source contained a secret of the call.
    pub leaked_secret: bool,
    /// A text of the description had to be sanitized.
    pub changed_description: bool,
}

/// Collects an [`Observation`] from the calls that it is part of. Copies share it.
#[derive(Debug, Clone, Default)]
pub struct Observer(Arc<Mutex<Observation>>);

impl Observer {
    pub(crate) fn note(&self, note: impl FnOnce(&mut Observation)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns what has been observed so far.
    pub fn seen(&self) -> Observation {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
