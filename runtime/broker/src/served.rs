//! What a broker serves: profiles and passes, which can be replaced while it runs.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Instant;

use crate::credentials::Document;
use crate::limits::CONNECTIONS_PER_PASS;
use crate::metrics::{Metrics, ProfileCounts};
use crate::pass::Pass;
use crate::record::{RequestLog, Watchers};
use crate::standing::{ProfileStanding, Standing};
use crate::upstream::Upstream;

/// The profiles and passes of one moment.
pub(crate) struct Served {
    pub(crate) upstreams: BTreeMap<Arc<str>, ServedProfile>,
    pub(crate) passes: Vec<Pass>,
}

/// A profile that is served.
pub(crate) struct ServedProfile {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) counts: Arc<ProfileCounts>,
}

impl Served {
    fn new(
        upstreams: impl IntoIterator<Item: Into<Arc<Upstream>>>,
        passes: impl IntoIterator<Item = Pass>,
        metrics: &Metrics,
    ) -> Self {
        let served = |upstream: Arc<Upstream>| {
            let counts = metrics.of_profile(upstream.profile());
            (Arc::clone(upstream.profile()), ServedProfile { upstream, counts })
        };
        let upstreams = upstreams.into_iter().map(Into::into).map(served).collect();
        Self { upstreams, passes: passes.into_iter().collect() }
    }
}

/// What all workers of a broker share.
pub(crate) struct Shared {
    served: RwLock<Arc<Served>>,
    /// How many connections use each pass, by its name.
    connections: Mutex<HashMap<Arc<str>, usize>>,
    pub(crate) watchers: Arc<Watchers>,
    /// How credentials are handed out, if they are.
    exposed: OnceLock<Box<Document>>,
    shows_status: AtomicBool,
    started: Instant,
}

impl Shared {
    pub(crate) fn new(
        upstreams: impl IntoIterator<Item: Into<Arc<Upstream>>>,
        passes: impl IntoIterator<Item = Pass>,
        log: Arc<dyn RequestLog>,
    ) -> Self {
        let metrics = Metrics::new();
        let served = RwLock::new(Arc::new(Served::new(upstreams, passes, &metrics)));
        Self {
            served,
            connections: Mutex::default(),
            watchers: Arc::new(Watchers { log, metrics }),
            exposed: OnceLock::new(),
            shows_status: AtomicBool::new(false),
            started: Instant::now(),
        }
    }

    /// Hands keys out from now on, to clients that may use them.
    pub(crate) fn expose_credentials(&self, document: Box<Document>) {
        self.exposed.get_or_init(|| document);
    }

    /// Shows the status page from now on.
    pub(crate) fn show_status(&self) {
        self.shows_status.store(true, Ordering::Relaxed);
    }

    pub(crate) fn shows_status(&self) -> bool {
        self.shows_status.load(Ordering::Relaxed)
    }

    /// Returns how credentials are handed out; `None` if they are not.
    pub(crate) fn exposed(&self) -> Option<&Document> {
        self.exposed.get().map(|document| &**document)
    }

    pub(crate) fn served(&self) -> Arc<Served> {
        Arc::clone(&self.served.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(
        &self,
        upstreams: impl IntoIterator<Item: Into<Arc<Upstream>>>,
        passes: impl IntoIterator<Item = Pass>,
    ) {
        let served = Arc::new(Served::new(upstreams, passes, self.metrics()));
        let former = std::mem::replace(
            &mut *self.served.write().unwrap_or_else(PoisonError::into_inner),
            Arc::clone(&served),
        );
        for name in former.upstreams.keys().filter(|name| !served.upstreams.contains_key(*name)) {
            self.metrics().forget(name);
        }
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.watchers.metrics
    }

    /// Returns how the broker is doing.
    pub(crate) fn standing(&self) -> Standing {
        let served = self.served();
        let profiles = served.upstreams.iter().map(|(name, profile)| ProfileStanding {
            name: Arc::clone(name),
            origin: profile.upstream.origin(),
            requests: profile.counts.requests(),
            credential: profile.upstream.credential_status(),
        });
        Standing {
            profiles: profiles.collect(),
            refused: self.metrics().all_refused(),
            connections: self.metrics().connections(),
            uptime: self.started.elapsed(),
        }
    }

    /// Counts a connection that uses `pass`; `None` if it has too many.
    pub(crate) fn connection(self: &Arc<Self>, pass: &Pass) -> Option<Connected> {
        let mut connections = self.connections();
        let count = connections.entry(Arc::clone(pass.id())).or_default();
        (*count < CONNECTIONS_PER_PASS).then(|| {
            *count += 1;
            Connected { shared: Arc::clone(self), pass: Arc::clone(pass.id()) }
        })
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that uses a pass, counted until it is dropped.
pub(crate) struct Connected {
    shared: Arc<Shared>,
    pass: Arc<str>,
}

impl Connected {
    /// Returns true if it is counted for `pass`.
    pub(crate) fn is_of(&self, pass: &Pass) -> bool {
        self.pass == *pass.id()
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut connections = self.shared.connections();
        if let Some(count) = connections.get_mut(&self.pass) {
            *count -= 1;
            if *count == 0 {
                connections.remove(&self.pass);
            }
        }
    }
}
