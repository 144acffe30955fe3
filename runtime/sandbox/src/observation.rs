//! What a call did, beside what came of it.
//!
//! The host mends what strategies say: it hides secrets, takes out control
//! characters, gives a denial its own words. A user is well served by that; an
//! author who wants to know whether the strategy is right has to be told what
//! was mended.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::denial::Denial;

/// One call, or several added up.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// Wall-clock time, from the start of the instance to the answer.
    pub time: Duration,
    /// Bytes of memory that its instances had.
    pub memory_bytes: usize,
    /// What it asked for and was not granted.
    pub denied: BTreeSet<Denial>,
    /// It did not come to an answer.
    pub stopped: bool,
    /// It answered a credential, whatever the host thought of that.
    pub answered_credential: bool,
    /// A secret of the call stood in its output, an error or a source.
    pub leaked_secret: bool,
    /// A text of its description could not be shown as it was.
    pub changed_description: bool,
}

/// Takes an [`Observation`] out of a call.
#[derive(Debug, Clone, Default)]
pub struct Observer(Arc<Mutex<Observation>>);

impl Observer {
    pub(crate) fn note(&self, note: impl FnOnce(&mut Observation)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What was seen so far.
    pub fn seen(&self) -> Observation {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
