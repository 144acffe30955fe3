//! The broker, and the handle that ends it.

use std::num::NonZero;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use orchestration_sandbox::Credentials;
use orchestration_support::Secret;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::error::ServeError;
use crate::listener::{Address, Listener};
use crate::pass::Pass;
use crate::record::{RequestLog, Unlogged};
use crate::served::Shared;
use crate::upstream::Upstream;
use crate::worker::{Phase, Worker};

/// Sends the requests of local clients on to the servers of profiles, with their credentials.
///
/// Cheap to clone: the copies share everything.
///
/// ```
/// use orchestration_auth::{ProviderProfile, Registry};
/// use orchestration_broker::{Broker, Listener, Pass, Upstream};
/// use orchestration_sandbox::Environment;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let registry = Registry::built_in(Environment::Fixed([].into()))?;
/// let profile = ProviderProfile {
///     base_url: Some("https://llm.corp.example/v1".parse()?),
///     ..ProviderProfile::new("corp")
/// };
/// let upstream = Upstream::new(&profile, &registry).await?;
/// let pass = Pass::random(["corp".to_owned()])?;
/// let broker = Broker::new([upstream], [pass.clone()]);
/// let serving = broker.serve(Listener::on_free_port()?, 1.try_into()?)?;
///
/// // What a client is given in place of the provider's URL and the key.
/// let base_url = serving.base_url("corp");
/// let key = pass.secret().expose();
/// assert!(base_url.starts_with("http://127.0.0.1:") && base_url.ends_with("/p/corp"));
/// serving.end();
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Clone)]
pub struct Broker {
    shared: Arc<Shared>,
}

impl Broker {
    /// Returns a broker for the profiles of `upstreams`, which `passes` are good for.
    pub fn new(
        upstreams: impl IntoIterator<Item: Into<Arc<Upstream>>>,
        passes: impl IntoIterator<Item = Pass>,
    ) -> Self {
        Self::logged(upstreams, passes, Arc::new(Unlogged))
    }

    /// The same, with the record of each request given to `log`.
    pub fn logged(
        upstreams: impl IntoIterator<Item: Into<Arc<Upstream>>>,
        passes: impl IntoIterator<Item = Pass>,
        log: Arc<dyn RequestLog>,
    ) -> Self {
        Self { shared: Arc::new(Shared::new(upstreams, passes, log)) }
    }

    /// Serves other profiles and passes from now on. Requests that are under way end as they
    /// began, and an upstream that is served again keeps its credential and its connections.
    pub fn replace(
        &self,
        upstreams: impl IntoIterator<Item: Into<Arc<Upstream>>>,
        passes: impl IntoIterator<Item = Pass>,
    ) {
        self.shared.replace(upstreams, passes);
    }

    /// Hands keys out as well, to clients that may use them: at `/envoy/PROFILE/…` to a proxy
    /// that puts them into requests, and at `/v1/credentials/PROFILE` as the JSON that `document`
    /// makes of the name of the profile and its credential. The first choice stays.
    pub fn expose_credentials(
        &self,
        document: impl Fn(&str, &Credentials) -> Secret + Send + Sync + 'static,
    ) {
        self.shared.expose_credentials(Box::new(document));
    }

    /// Shows a page about profiles, credentials and requests as well, at `/`. It has no secret,
    /// but what a provider said of an error, and no pass is needed to read it.
    pub fn show_status_page(&self) {
        self.shared.show_status();
    }

    /// Serves clients that connect to `listener`, with this many threads.
    ///
    /// # Errors
    ///
    /// Fails with [`ServeError::System`] if the system gives no threads for it, and with
    /// [`ServeError::Listen`] if another program listens on that address since it was taken.
    pub fn serve(
        &self,
        listener: Listener,
        workers: NonZero<usize>,
    ) -> Result<Serving, ServeError> {
        listener.listen()?;
        let (phase, watched) = watch::channel(Phase::Serving);
        let address = listener.address().clone();
        let mut serving = Serving { address, listener: None, phase, threads: Vec::new() };
        for number in 0..workers.get() {
            let socket = listener.for_worker().map_err(ServeError::System)?;
            let (shared, phase) = (Arc::clone(&self.shared), watched.clone());
            let worker = Worker { shared, socket, phase };
            let (started, starting) = mpsc::sync_channel(1);
            let thread = thread::Builder::new().name(format!("broker-{number}"));
            let thread = thread.spawn(move || match Worker::runtime() {
                Ok(runtime) => {
                    drop(started);
                    worker.run(runtime);
                }
                Err(reason) => drop(started.send(reason)),
            });
            serving.threads.push(thread.map_err(ServeError::System)?);
            if let Ok(reason) = starting.recv() {
                return Err(ServeError::System(reason));
            }
        }
        serving.listener = Some(listener);
        Ok(serving)
    }
}

/// A broker that serves. It ends when this is dropped.
#[derive(Debug)]
pub struct Serving {
    address: Address,
    /// While it is there, clients can connect.
    listener: Option<Listener>,
    phase: watch::Sender<Phase>,
    threads: Vec<JoinHandle<()>>,
}

impl Serving {
    /// Returns where clients reach it.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the base URL of this profile, for a client.
    pub fn base_url(&self, profile: &str) -> String {
        format!("{}/p/{profile}", self.address().url())
    }

    /// Takes no more connections, waits until all requests are answered, or for `limit`, and
    /// ends.
    pub async fn drain(mut self, limit: Duration) {
        self.listener = None;
        self.phase.send_replace(Phase::Draining(Instant::now() + limit));
        // The threads have gone when no one watches any more.
        self.phase.closed().await;
    }

    /// Ends at once, and waits for the threads. Requests under way are cut off.
    pub fn end(mut self) {
        self.phase.send_replace(Phase::Ended);
        for thread in self.threads.drain(..) {
            // A thread that panicked has ended, too.
            drop(thread.join());
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Ended);
    }
}
