//! One thread of a broker, with its own connections to clients and providers.

use std::cell::OnceCell;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::rt::Executor;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::accept::{Accepting, Arrived};
use crate::activity::{Activity, Watched};
use crate::front::Client;
use crate::host::LastHost;
use crate::limits::{HEAD_BYTES, HEAD_TIME, HEADERS};
use crate::listener::WorkerSocket;
use crate::pool::Pool;
use crate::quiet::QuietWaker;
use crate::served::Shared;
use crate::target::LastTarget;
use crate::unread;

/// How often what is kept is looked through.
const CLEANING: Duration = Duration::from_secs(15);

/// How long to wait if the system has nothing left for one more connection.
const SHORT_OF_FILES: Duration = Duration::from_millis(100);

/// Whether a broker goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Serving,
    /// It takes no new connection, and finishes requests until then.
    Draining(Instant),
    Ended,
}

/// One thread.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) socket: WorkerSocket,
    pub(crate) phase: watch::Receiver<Phase>,
}

impl Worker {
    /// Returns what runs the workers of this thread. All that they do stays on it.
    pub(crate) fn runtime() -> io::Result<LocalRuntime> {
        Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
    }

    /// Serves until the broker ends.
    pub(crate) fn run(self, runtime: LocalRuntime) {
        let mut phase = self.phase.clone();
        runtime.block_on(async {
            let ended = phase.wait_for(|phase| *phase == Phase::Ended);
            tokio::select! {
                () = self.serve() => {}
                // An error means that no one is left who could end it.
                _ = ended => {}
            }
        });
        // A look-up of a host can't be cancelled.
        runtime.shutdown_background();
    }

    async fn serve(self) {
        let Self { shared, socket, phase } = self;
        let mut ending = phase.clone();
        let Ok(listener) = Accepting::on(socket) else { return };
        let pool = Rc::<Pool>::default();
        let mut connections = JoinSet::new();
        let mut cleaning = tokio::time::interval(CLEANING);
        loop {
            tokio::select! {
                accepted = listener.next() => match accepted {
                    Ok(arrived) => {
                        let (shared, pool) = (Arc::clone(&shared), Rc::clone(&pool));
                        connections.spawn_local(converse(arrived, shared, pool, phase.clone()));
                    }
                    Err(_) => tokio::time::sleep(SHORT_OF_FILES).await,
                },
                _ = connections.join_next(), if !connections.is_empty() => {}
                _ = cleaning.tick() => pool.clean(),
                _ = ending.wait_for(|phase| *phase != Phase::Serving) => break,
            }
        }
        drop(listener);
        let Phase::Draining(end) = *phase.borrow() else { return };
        let finished = async { while connections.join_next().await.is_some() {} };
        // What goes on after that is cut off.
        let _ = tokio::time::timeout_at(end, finished).await;
        for profile in shared.served().upstreams.values() {
            let renewals = profile.upstream.finish_renewals();
            let _ = tokio::time::timeout_at(end, renewals).await;
        }
    }
}

/// Answers the requests of one connection.
async fn converse(
    arrived: Arrived,
    shared: Arc<Shared>,
    pool: Rc<Pool>,
    mut phase: watch::Receiver<Phase>,
) {
    let Some((stream, access)) = arrived.let_in().await else { return };
    let _counted = shared.metrics().connection();
    let activity = Rc::new(Activity::new());
    let stream = Watched::new(stream, Rc::clone(&activity));
    let client = Rc::new(Client {
        shared,
        pool,
        access,
        activity: Rc::clone(&activity),
        last_host: LastHost::default(),
        last_target: LastTarget::default(),
        connected: OnceCell::new(),
    });
    let builder = builder();
    let service = service_fn(move |request| Rc::clone(&client).answer(request));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let seen = phase.clone();
    let ending = pin!(phase.wait_for(|phase| *phase != Phase::Serving));
    let mut ending = pin!(seldom(ending, |_| !matches!(seen.has_changed(), Ok(false))));
    let mut look = pin!(tokio::time::sleep(HEAD_TIME));
    let mut waker = QuietWaker::default();
    loop {
        tokio::select! {
            biased;
            // What a client does wrong is its own affair.
            _ = waker.drive(connection.as_mut()) => return,
            _ = &mut ending => break,
            () = seldom(look.as_mut(), |look| look.is_elapsed()) => {}
        }
        let Some(end) = activity.may_last_until() else { return };
        look.as_mut().reset(end);
    }
    connection.as_mut().graceful_shutdown();
    drop(connection.await);
}

/// Waits for `future`, which is asked once, and again only when it `may_be_ready`.
///
/// A task asks all that it waits for whenever one of them wakes it. Here one is a connection,
/// which wakes it several times for each request, while others say no for hours.
fn seldom<F: Future + Unpin>(
    mut future: F,
    may_be_ready: impl Fn(&F) -> bool,
) -> impl Future<Output = F::Output> {
    let mut was_asked = false;
    std::future::poll_fn(move |context| {
        if was_asked && !may_be_ready(&future) {
            return Poll::Pending;
        }
        was_asked = true;
        Pin::new(&mut future).poll(context)
    })
}

fn builder() -> auto::Builder<OnThisThread> {
    let mut builder = auto::Builder::new(OnThisThread);
    // `Activity` sees to how long a head may take, and `Watched` to clients that leave. To write
    // one part costs less than two, also where the second is copied to the first: most answers
    // are short.
    builder
        .http1()
        .writev(false)
        .half_close(true)
        .header_read_timeout(None)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(HEAD_TIME);
    builder
}

/// Runs the requests of an HTTP/2 connection, which are answered side by side.
#[derive(Clone, Copy)]
struct OnThisThread;

impl<F: Future<Output = ()> + 'static> Executor<F> for OnThisThread {
    fn execute(&self, request: F) {
        unread::spawn(request);
    }
}
