//! The credential that requests carry.
//!
//! A key has no end that is known, so the leases of the auth layer keep none, and a broker that
//! asks for one calls the strategy: a third of the time of a request. For a key in a file this
//! has to be so, since the next request after a rotation has the new one. A variable of this
//! process changes for no one. So a key from a variable serves the requests of the next
//! moments, on all threads, and is looked up again after that: a key that a user stores
//! meanwhile, or a file that is there now, may come before the variable.
//!
//! A failure is not kept: what the user has fixed works at once. Nor does a key stay that the
//! provider has refused.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use hyper::header::{HeaderName, HeaderValue};
use orchestration_sandbox::{Credentials, Source};

/// How long a key from a variable serves requests before it is looked up again.
const LASTS: Duration = Duration::from_millis(50);

/// A credential, and the header that carries it.
pub(crate) struct Lease {
    pub(crate) credentials: Credentials,
    /// `None` if requests carry no key, or if the profile sets that header itself.
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    /// When the strategy was asked for it.
    pub(crate) since: Instant,
}

impl Lease {
    /// Returns true if it can serve another request at `now`.
    fn is_good(&self, now: Instant) -> bool {
        let is_from_variable = matches!(self.credentials.source(), Source::Environment(_));
        let is_over = |end: SystemTime| end <= SystemTime::now();
        is_from_variable
            && now.saturating_duration_since(self.since) < LASTS
            && !self.credentials.expires_at().is_some_and(is_over)
    }
}

/// The newest lease of a profile, which all threads share.
#[derive(Default)]
pub(crate) struct Newest(RwLock<Option<Arc<Lease>>>);

impl Newest {
    /// Returns the lease, unless it has to be looked up again at `now`.
    pub(crate) fn good(&self, now: Instant) -> Option<Arc<Lease>> {
        let newest = self.0.read().unwrap_or_else(PoisonError::into_inner);
        newest.as_ref().filter(|lease| lease.is_good(now)).map(Arc::clone)
    }

    /// Keeps `lease`, unless another thread has asked later. It may have learnt that this one
    /// is refused.
    pub(crate) fn keep(&self, lease: &Arc<Lease>) {
        let mut newest = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if newest.as_ref().is_none_or(|other| other.since <= lease.since) {
            *newest = Some(Arc::clone(lease));
        }
    }
}
