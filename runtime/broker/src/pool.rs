//! Connections to providers that are kept for the next request.
//!
//! Each worker keeps its own: a connection is driven by the thread that opened it, and
//! waking another one for every answer costs more than a second connection.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::client::conn::http1::{self, SendRequest};
use orchestration_egress::HttpError;
use tokio::task::AbortHandle;

use crate::limits;
use crate::quiet::QuietWaker;
use crate::sent::SentBody;
use crate::silence::Silence;
use crate::upstream::Upstream;

/// How many idle connections to one provider are kept.
const MOST_IDLE: usize = 256;

/// How long an idle connection is kept. Most servers close theirs after a minute or more.
const IDLE: Duration = Duration::from_secs(50);

/// The idle connections of one worker.
#[derive(Default)]
pub(crate) struct Pool(RefCell<BTreeMap<u64, Vec<Idle>>>);

struct Idle {
    since: Instant,
    connection: Box<Open>,
}

/// A connection that is in use. It is closed when dropped.
pub(crate) struct Lent {
    pool: Rc<Pool>,
    // It passes through many hands, which costs more than finding it here.
    connection: Box<Open>,
}

/// A connection to a provider, and the task that drives it. It is closed when dropped, whatever
/// it is doing: a provider that reads no more of a request would keep it, and the client, for
/// ever.
struct Open {
    upstream: u64,
    sender: SendRequest<SentBody>,
    driver: AbortHandle,
    /// How long the provider says nothing.
    silence: Silence,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Lent {
    /// Opens a connection.
    pub(crate) async fn new(pool: &Rc<Pool>, upstream: &Upstream) -> Result<Self, HttpError> {
        let connection = Box::new(connected(upstream).await?);
        Ok(Self { pool: Rc::clone(pool), connection })
    }

    /// Returns what sends requests, and how long the provider says nothing to them.
    pub(crate) fn parts(&mut self) -> (&mut SendRequest<SentBody>, &mut Silence) {
        (&mut self.connection.sender, &mut self.connection.silence)
    }

    /// Keeps the connection for the next request.
    pub(crate) fn give_back(self) {
        let mut pool = self.pool.0.borrow_mut();
        let idle = pool.entry(self.connection.upstream).or_default();
        if idle.len() < MOST_IDLE {
            idle.push(Idle { since: Instant::now(), connection: self.connection });
        }
    }
}

impl Pool {
    /// Returns the idle connection that was used last, since the others may be closed soon.
    pub(crate) fn lend(self: &Rc<Self>, upstream: &Upstream) -> Option<Lent> {
        let mut pool = self.0.borrow_mut();
        let idle = pool.get_mut(&upstream.id())?;
        while let Some(Idle { connection, .. }) = idle.pop() {
            if connection.sender.is_ready() {
                return Some(Lent { pool: Rc::clone(self), connection });
            }
        }
        None
    }

    /// Drops the connections that have been idle for long, or were closed.
    pub(crate) fn clean(&self) {
        let now = Instant::now();
        let mut pool = self.0.borrow_mut();
        for idle in pool.values_mut() {
            let is_fresh = |kept: &Idle| now.duration_since(kept.since) < IDLE;
            idle.retain(|kept| is_fresh(kept) && !kept.connection.sender.is_closed());
        }
        pool.retain(|_, idle| !idle.is_empty());
    }
}

/// Opens a connection, and drives it in a task of its own until it is dropped.
async fn connected(upstream: &Upstream) -> Result<Open, HttpError> {
    let stream = upstream.connect().await?;
    let mut builder = http1::Builder::new();
    // One part, as to clients.
    builder.writev(false).max_headers(limits::HEADERS).max_buf_size(limits::UPSTREAM_BUFFER);
    let (sender, connection) =
        builder.handshake(stream).await.map_err(|error| upstream.failed(&error))?;
    let driver = tokio::task::spawn_local(async move {
        // What went wrong is the error of the request that is on it.
        drop(QuietWaker::default().drive(pin!(connection)).await);
    });
    let (driver, silence) = (driver.abort_handle(), Silence::new(upstream.silence()));
    Ok(Open { upstream: upstream.id(), sender, driver, silence })
}
