//! Leases: credentials that end, kept in memory until then.
//!
//! An agent that asks for its token before each request would start a strategy each time,
//! and a hundred agents whose token ends at the same moment would ask its server a hundred
//! times. So everyone in a process who uses a credential shares one lease of it. The one that
//! finds that it is time starts the renewal, and all who can't go on without it wait for the
//! same. While the old credential works no one waits: it is renewed in the background.
//!
//! What ends by itself is kept, and nothing else: a key in a variable or a file may be
//! another one the next time, and is looked up each time. For the same reason a failure that
//! takes the user to fix is never remembered, and any other for seconds only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use orchestration_sandbox::{Credentials, Failure};
use orchestration_support::Secret;
use tokio::sync::watch;

use crate::profile::ProviderProfile;
use crate::strategy::Scope;

/// How long before its end a credential is renewed.
const MARGIN: Duration = Duration::from_secs(300);

/// How long a server is left alone after it has failed, or after it has replaced a credential
/// that the provider refused.
const PAUSE: Duration = Duration::from_secs(10);

/// The longest that a server is left alone because it asks for more. What is renewed in the
/// background at the margin is then tried again before its end.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// What a caller wants of a credential.
#[derive(Clone)]
pub(crate) enum Wanted {
    /// It is valid for at least this long.
    Lasting(Duration),
    /// Its key is not this one, which the provider has refused.
    InsteadOf(Secret),
    /// It is new.
    New,
}

impl Wanted {
    /// Returns true if `found` is what the caller wants.
    pub(crate) fn accepts(&self, found: &Credentials, now: SystemTime) -> bool {
        let is_wanted = match self {
            Self::Lasting(least) => left(found, now).is_none_or(|left| left >= *least),
            Self::InsteadOf(refused) => !has_key(found, refused),
            Self::New => false,
        };
        is_wanted && !found.has_expired(now)
    }
}

/// Returns how long `found` is still valid, if that is known.
pub(crate) fn left(found: &Credentials, now: SystemTime) -> Option<Duration> {
    found.expires_at().map(|end| end.duration_since(now).unwrap_or_default())
}

/// Returns true if it is time to renew `found`.
pub(crate) fn is_due(found: &Credentials, now: SystemTime) -> bool {
    left(found, now).is_some_and(|left| left <= margin(found.life()))
}

/// Returns how long before its end a credential with this life is renewed: five minutes, or
/// a tenth of its life if that is longer, and at most half of it.
fn margin(life: Option<Duration>) -> Duration {
    life.map_or(MARGIN, |life| MARGIN.max(life / 10).min(life / 2))
}

/// Whether this is the key of `found`; a line break at its end is no part of it.
fn has_key(found: &Credentials, key: &Secret) -> bool {
    found.key().is_some_and(|found| found.expose().trim_end() == key.expose().trim_end())
}

/// A credential, and why it is not a newer one if that was tried.
#[derive(Clone)]
pub(crate) struct Obtained {
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) failure: Option<Failure>,
}

/// What gets a credential, and remembers nothing.
pub(crate) trait Renew: Send + Sync + 'static {
    /// Returns the time.
    fn now(&self) -> SystemTime;

    /// Gets the credential, renewed if it is time or if it is not what is wanted. It goes on
    /// if the caller gives up.
    fn get(
        self: Arc<Self>,
        wanted: Wanted,
    ) -> impl Future<Output = Result<Obtained, Failure>> + Send;
}

/// The leases of one process.
#[derive(Default)]
pub(crate) struct Leases(Mutex<Vec<Shared>>);

/// A lease, and for whom it is.
struct Shared {
    profile: ProviderProfile,
    scope: Scope,
    lease: Arc<Lease>,
}

impl Leases {
    /// Returns the lease of this profile. Those that no one uses and that have ended are
    /// dropped.
    pub(crate) fn of(
        &self,
        profile: &ProviderProfile,
        scope: Scope,
        now: SystemTime,
    ) -> Arc<Lease> {
        let mut leases = self.locked();
        // All of the profile decides which credential it is.
        let is_same = |shared: &&Shared| shared.scope == scope && shared.profile == *profile;
        if let Some(shared) = leases.iter().find(is_same) {
            return Arc::clone(&shared.lease);
        }
        leases.retain(|shared| Arc::strong_count(&shared.lease) > 1 || shared.lease.is_used(now));
        let (profile, lease) = (profile.clone(), Arc::<Lease>::default());
        leases.push(Shared { profile, scope, lease: Arc::clone(&lease) });
        lease
    }

    /// Forgets what is known of the credentials of this profile.
    pub(crate) fn forget(&self, profile: &str) {
        let leases = self.locked();
        let of_profile = leases.iter().filter(|shared| shared.profile.name == profile);
        of_profile.for_each(|shared| shared.lease.forget());
    }

    /// Waits until no renewal goes on.
    pub(crate) async fn settle(&self) {
        let lease = |shared: &Shared| Arc::clone(&shared.lease);
        let leases: Vec<Arc<Lease>> = self.locked().iter().map(lease).collect();
        for lease in leases {
            let flight = lease.locked().running();
            if let Some(mut flight) = flight {
                // An error means that it was cut off, and so it is over, too.
                drop(flight.wait_for(Option::is_some).await);
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Shared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A credential that everyone who uses it shares.
#[derive(Default)]
pub(crate) struct Lease(Mutex<State>);

/// A renewal that goes on. All who wait for it get what came of it.
type Flight = watch::Receiver<Option<Result<Obtained, Failure>>>;

#[derive(Default)]
struct State {
    /// The credential, if it ends.
    held: Option<Arc<Credentials>>,
    flight: Option<Flight>,
    /// The last renewal, if it failed, and when.
    failed: Option<(SystemTime, Failure)>,
    /// When a refused key was last replaced.
    replaced: Option<SystemTime>,
    /// How often everything was forgotten. What a renewal brings that began before that is
    /// not kept.
    forgotten: u64,
    tally: Tally,
}

/// What has happened to a lease so far, which nothing is decided by.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    pub(crate) renewals: u64,
    pub(crate) renewed_at: Option<SystemTime>,
    pub(crate) failures: u64,
    pub(crate) last_failure: Option<(SystemTime, Failure)>,
}

/// A lease at one moment.
pub(crate) struct Snapshot {
    /// The credential, if it is valid.
    pub(crate) held: Option<Arc<Credentials>>,
    pub(crate) tally: Tally,
    pub(crate) is_failing: bool,
}

/// What a caller does next.
enum Step {
    Return(Result<Obtained, Failure>),
    WaitFor { flight: Flight, is_own: bool },
}

/// The failure of a caller whose renewal was cut off with its runtime.
const CUT_OFF: Failure = Failure::Contract("its renewal was cut off");

impl Lease {
    /// Returns the credential as it is wanted, if that can be had.
    pub(crate) async fn obtain<R: Renew>(
        self: &Arc<Self>,
        source: &Arc<R>,
        wanted: &Wanted,
    ) -> Result<Obtained, Failure> {
        let wanted = &self.spared(wanted, source.now());
        loop {
            let (mut flight, is_own) = match self.step(source, wanted) {
                Step::Return(obtained) => return obtained,
                Step::WaitFor { flight, is_own } => (flight, is_own),
            };
            let landed = flight.wait_for(Option::is_some).await.map(|landed| landed.clone());
            match landed.ok().flatten() {
                // It was for someone who wanted less.
                Some(Ok(obtained))
                    if !is_own && !wanted.accepts(&obtained.credentials, source.now()) => {}
                Some(landed) => return landed,
                None if is_own => return Err(CUT_OFF),
                None => {}
            }
        }
    }

    /// Returns what is wanted, or less: a key that was replaced a moment ago is not replaced
    /// again, since a provider that refuses the new one would refuse the next as well.
    fn spared(&self, wanted: &Wanted, now: SystemTime) -> Wanted {
        match wanted {
            Wanted::InsteadOf(_) if self.locked().has_replaced(now) => {
                Wanted::Lasting(Duration::ZERO)
            }
            wanted => wanted.clone(),
        }
    }

    fn step<R: Renew>(self: &Arc<Self>, source: &Arc<R>, wanted: &Wanted) -> Step {
        let now = source.now();
        let mut state = self.locked();
        let held = state.held.clone().filter(|held| !held.has_expired(now));
        if let Some(credentials) = held.clone().filter(|held| wanted.accepts(held, now)) {
            let may_renew = state.running().is_none() && !state.has_failed(now);
            if may_renew && is_due(&credentials, now) {
                self.begin(&mut state, source, Wanted::Lasting(Duration::ZERO));
            }
            return Step::Return(Ok(Obtained { credentials, failure: None }));
        }
        if let Some(failure) = state.remembered(now).filter(|_| !matches!(wanted, Wanted::New)) {
            return Step::Return(match held {
                Some(credentials) => Ok(Obtained { credentials, failure: Some(failure) }),
                None => Err(failure),
            });
        }
        match state.running() {
            Some(flight) => Step::WaitFor { flight, is_own: false },
            None => {
                let flight = self.begin(&mut state, source, wanted.clone());
                Step::WaitFor { flight, is_own: true }
            }
        }
    }

    /// Begins a renewal in a task of its own.
    fn begin<R: Renew>(
        self: &Arc<Self>,
        state: &mut State,
        source: &Arc<R>,
        wanted: Wanted,
    ) -> Flight {
        let (landing, flight) = watch::channel(None);
        let (lease, source, forgotten) = (Arc::clone(self), Arc::clone(source), state.forgotten);
        state.flight = Some(flight.clone());
        tokio::spawn(async move {
            let got = Arc::clone(&source).get(wanted.clone()).await;
            let landed = lease.land(got, &wanted, source.now(), forgotten);
            landing.send_replace(Some(landed));
        });
        flight
    }

    /// Keeps what came of a renewal, and returns what its callers get.
    fn land(
        &self,
        got: Result<Obtained, Failure>,
        wanted: &Wanted,
        now: SystemTime,
        forgotten: u64,
    ) -> Result<Obtained, Failure> {
        let mut state = self.locked();
        state.tally.count(&got, now);
        if state.forgotten != forgotten {
            return got;
        }
        state.flight = None;
        if matches!(wanted, Wanted::InsteadOf(_)) {
            state.replaced = Some(now);
        }
        match got {
            Ok(obtained) => {
                state.failed = obtained.failure.clone().map(|failure| (now, failure));
                let ends = obtained.credentials.expires_at().is_some();
                state.held = ends.then(|| Arc::clone(&obtained.credentials));
                Ok(obtained)
            }
            Err(failure) => {
                state.failed = Some((now, failure.clone()));
                match state.held.clone().filter(|held| !held.has_expired(now)) {
                    Some(credentials) => Ok(Obtained { credentials, failure: Some(failure) }),
                    None => Err(failure),
                }
            }
        }
    }

    fn forget(&self) {
        let mut state = self.locked();
        let tally = state.tally.clone();
        *state = State { forgotten: state.forgotten + 1, tally, ..State::default() };
    }

    /// Returns the lease as it is at this time.
    pub(crate) fn snapshot(&self, now: SystemTime) -> Snapshot {
        let state = self.locked();
        Snapshot {
            held: state.held.clone().filter(|held| !held.has_expired(now)),
            tally: state.tally.clone(),
            is_failing: state.failed.is_some(),
        }
    }

    /// Returns true if there is something in it that a later caller can use.
    fn is_used(&self, now: SystemTime) -> bool {
        let state = self.locked();
        let is_valid = state.held.as_ref().is_some_and(|held| !held.has_expired(now));
        is_valid || state.has_failed(now) || state.running().is_some()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    fn count(&mut self, got: &Result<Obtained, Failure>, now: SystemTime) {
        match got {
            Ok(Obtained { failure: None, .. }) => {
                self.renewals += 1;
                self.renewed_at = Some(now);
            }
            Ok(Obtained { failure: Some(failure), .. }) | Err(failure) => {
                self.failures += 1;
                self.last_failure = Some((now, failure.clone()));
            }
        }
    }
}

impl State {
    /// Returns the renewal that goes on. One whose runtime has ended does not.
    fn running(&self) -> Option<Flight> {
        self.flight.clone().filter(|flight| flight.has_changed().is_ok())
    }

    /// Returns true if a refused key was replaced a moment ago.
    fn has_replaced(&self, now: SystemTime) -> bool {
        self.replaced.is_some_and(|at| is_within(at, PAUSE, now))
    }

    /// Returns true if the last renewal has failed so lately that its server is left alone.
    fn has_failed(&self, now: SystemTime) -> bool {
        self.failed.as_ref().is_some_and(|(at, failure)| is_within(*at, pause(failure), now))
    }

    /// Returns the failure of the last renewal, if it is remembered.
    fn remembered(&self, now: SystemTime) -> Option<Failure> {
        let (_, failure) = self.failed.as_ref().filter(|_| self.has_failed(now))?;
        is_outside(failure).then(|| failure.clone())
    }
}

/// Returns true if something outside has failed, which may pass by itself. All else takes
/// the user, who wants to see at once that it is fixed.
fn is_outside(failure: &Failure) -> bool {
    match failure {
        Failure::Session(_) | Failure::Load(_) => false,
        failure => failure.may_pass(),
    }
}

/// Returns how long a server is left alone after this failure: as long as it asked for, within
/// bounds.
fn pause(failure: &Failure) -> Duration {
    failure.retry_after().map_or(PAUSE, |asked| asked.clamp(PAUSE, LONGEST_PAUSE))
}

/// Returns true if `then` is less than `time` ago. A clock that was set back makes nothing last.
fn is_within(then: SystemTime, time: Duration, now: SystemTime) -> bool {
    now.duration_since(then).is_ok_and(|age| age < time)
}

#[cfg(test)]
mod tests {
    use super::{Duration, margin};

    #[test]
    fn a_credential_is_renewed_in_time_and_not_all_the_time() {
        for (life, expected) in [
            (None, 300),
            (Some(24 * 3600), 8640),
            (Some(3600), 360),
            (Some(1200), 300),
            (Some(300), 150),
            (Some(2), 1),
            (Some(0), 0),
        ] {
            let life = life.map(Duration::from_secs);
            assert_eq!(margin(life), Duration::from_secs(expected), "{life:?}");
        }
    }
}
