//! Connections to providers that are kept for the next request.
//!
//! Each worker keeps its own: a connection is driven by the thread that opened it, and
//! waking another one for every answer costs more than a second connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use orchestration_egress::HttpError;
use tokio::task::AbortHandle;

use crate::limits;
use crate::sent::SentBody;
use crate::upstream::Upstream;

/// How many idle connections to one provider are kept.
const KEPT: usize = 256;

/// How long an idle connection is kept. Most servers close theirs after a minute or more.
const IDLE: Duration = Duration::from_secs(50);

/// The idle connections of one worker.
#[derive(Default)]
pub(crate) struct Pool(Mutex<HashMap<u64, Vec<Idle>>>);

struct Idle {
    since: Instant,
    connection: Open,
}

/// A connection that is in use. It is closed when dropped.
pub(crate) struct Lent {
    pool: Arc<Pool>,
    upstream: u64,
    connection: Open,
}

/// A connection to a provider, and the task that drives it. It is closed when dropped, whatever
/// it is doing: a provider that reads no more of a request would keep it, and the client, for
/// ever.
struct Open {
    sender: SendRequest<SentBody>,
    driver: AbortHandle,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Lent {
    /// Keeps the connection for the next request.
    pub(crate) fn give_back(self) {
        let mut pool = self.pool.locked();
        let idle = pool.entry(self.upstream).or_default();
        if idle.len() < KEPT {
            idle.push(Idle { since: Instant::now(), connection: self.connection });
        }
    }
}

impl Pool {
    /// Sends `request` on a kept connection or a new one, and waits for the head of the
    /// answer. A kept connection that turns out to be closed is replaced, as long as nothing
    /// of the request was sent on it.
    pub(crate) async fn send(
        self: &Arc<Self>,
        upstream: &Upstream,
        mut request: Request<SentBody>,
    ) -> Result<(Response<Incoming>, Lent), HttpError> {
        loop {
            let kept = self.take(upstream.id());
            let is_kept = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => connected(upstream).await?,
            };
            match connection.sender.try_send_request(request).await {
                Ok(answer) => {
                    let (pool, upstream) = (Arc::clone(self), upstream.id());
                    return Ok((answer, Lent { pool, upstream, connection }));
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) if is_kept => request = unsent,
                    _ => return Err(upstream.failed(&error.into_error())),
                },
            }
        }
    }

    /// Drops the connections that have been idle for long, or were closed.
    pub(crate) fn clean(&self) {
        let now = Instant::now();
        let mut pool = self.locked();
        for idle in pool.values_mut() {
            let is_fresh = |kept: &Idle| now.duration_since(kept.since) < IDLE;
            idle.retain(|kept| is_fresh(kept) && !kept.connection.sender.is_closed());
        }
        pool.retain(|_, idle| !idle.is_empty());
    }

    /// Returns the connection that was used last, since the others may be closed soon.
    fn take(&self, upstream: u64) -> Option<Open> {
        let mut pool = self.locked();
        let idle = pool.get_mut(&upstream)?;
        while let Some(kept) = idle.pop() {
            if kept.connection.sender.is_ready() {
                return Some(kept.connection);
            }
        }
        None
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<u64, Vec<Idle>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a connection, and drives it in a task of its own until it is dropped.
async fn connected(upstream: &Upstream) -> Result<Open, HttpError> {
    let stream = upstream.connect().await?;
    let mut builder = http1::Builder::new();
    builder.max_headers(limits::HEADERS).max_buf_size(limits::UPSTREAM_BUFFER);
    let (sender, connection) =
        builder.handshake(stream).await.map_err(|error| upstream.failed(&error))?;
    let driver = tokio::task::spawn_local(async move {
        // What went wrong is the error of the request that is on it.
        drop(connection.await);
    });
    Ok(Open { sender, driver: driver.abort_handle() })
}
