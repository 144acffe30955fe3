//! What a broker serves: profiles and passes, which can be replaced while it runs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::limits::CONNECTIONS_PER_PASS;
use crate::pass::Pass;
use crate::record::Observer;
use crate::upstream::Upstream;

/// The profiles and passes of one moment.
pub(crate) struct Served {
    pub(crate) upstreams: HashMap<Arc<str>, Arc<Upstream>>,
    pub(crate) passes: Vec<Pass>,
}

impl Served {
    pub(crate) fn new(
        upstreams: impl IntoIterator<Item = Upstream>,
        passes: impl IntoIterator<Item = Pass>,
    ) -> Self {
        let named = |upstream: Upstream| (Arc::clone(upstream.profile()), Arc::new(upstream));
        let upstreams = upstreams.into_iter().map(named).collect();
        Self { upstreams, passes: passes.into_iter().collect() }
    }
}

/// What all workers of a broker share.
pub(crate) struct Shared {
    served: RwLock<Arc<Served>>,
    /// How many connections use each pass, by its name.
    connections: Mutex<HashMap<String, usize>>,
    pub(crate) observer: Observer,
    exposes_credentials: AtomicBool,
}

impl Shared {
    pub(crate) fn new(served: Served, observer: Observer) -> Self {
        let served = RwLock::new(Arc::new(served));
        Self {
            served,
            connections: Mutex::default(),
            observer,
            exposes_credentials: AtomicBool::new(false),
        }
    }

    /// Hands keys out from now on, to clients that may use them.
    pub(crate) fn expose_credentials(&self) {
        self.exposes_credentials.store(true, Ordering::Relaxed);
    }

    pub(crate) fn exposes_credentials(&self) -> bool {
        self.exposes_credentials.load(Ordering::Relaxed)
    }

    pub(crate) fn served(&self) -> Arc<Served> {
        Arc::clone(&self.served.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, served: Served) {
        *self.served.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(served);
    }

    /// Counts a connection that uses `pass`; `None` if it has too many.
    pub(crate) fn connection(self: &Arc<Self>, pass: &Pass) -> Option<Connected> {
        let mut connections = self.connections();
        let count = connections.entry(pass.id().to_owned()).or_default();
        (*count < CONNECTIONS_PER_PASS).then(|| {
            *count += 1;
            Connected { shared: Arc::clone(self), pass: pass.id().to_owned() }
        })
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that uses a pass, counted until it is dropped.
pub(crate) struct Connected {
    shared: Arc<Shared>,
    pass: String,
}

impl Connected {
    /// Returns true if it is counted for `pass`.
    pub(crate) fn is_of(&self, pass: &Pass) -> bool {
        self.pass == pass.id()
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
