//! Who runs when: the time that a call has used, and what it may use.
//!
//! Strategies share the threads of the host. A deadline by the wall clock alone stops
//! the honest strategy that had to wait, and not those that made it wait. So a call is
//! charged for its own turns: while others have its thread, or the memory that it waits
//! for, its clock stands still.
//!
//! That alone would let a crowd of spinning strategies hold up their host for minutes,
//! each within its deadline. So three more rules bound the whole. As many calls of one
//! strategy run at once as the machine has processors, since more would not finish
//! sooner; the others wait before their clock starts. The wall clock still ends a call,
//! at a multiple of its deadline that grows with the number of calls in progress. And a
//! strategy that exceeds its deadline is given half as much time for the next calls.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::limits::Limit;
use crate::ticker::TICK;

/// The most deadlines that a call may take by the wall clock.
const MOST_DEADLINES: u32 = 8;

/// How long it is held against a strategy that it exceeded its deadline. A machine that
/// was suspended can be the reason, so it is not held against it for ever.
const GRUDGE: Duration = Duration::from_secs(60);

/// The calls in progress, of all strategies of the process.
static IN_PROGRESS: AtomicU32 = AtomicU32::new(0);

/// How many calls of a strategy run at once on any machine.
const AT_ONCE: usize = 2;

/// The calls of one strategy: how many run, and how often they were stopped.
pub(crate) struct Turns {
    running: Semaphore,
    /// How many more than [`AT_ONCE`] may run. Asking the system reads files, which
    /// takes longer than a call, so it is asked when a call has to wait.
    more: OnceLock<usize>,
    overruns: Mutex<Overruns>,
}

#[derive(Default)]
struct Overruns {
    count: u32,
    last: Option<Instant>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        let running = Semaphore::new(AT_ONCE);
        Self { running, more: OnceLock::new(), overruns: Mutex::default() }
    }

    /// Waits until fewer calls of this strategy run than the machine has processors.
    pub(crate) async fn next(&self) -> Turn<'_> {
        let permit = match self.running.try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) => {
                self.more.get_or_init(|| {
                    let processors = thread::available_parallelism().map_or(1, usize::from);
                    let more = processors.saturating_sub(AT_ONCE);
                    self.running.add_permits(more);
                    more
                });
                // The semaphore is never closed, so this never fails.
                self.running.acquire().await.ok()
            }
        };
        IN_PROGRESS.fetch_add(1, Ordering::Relaxed);
        Turn { _permit: permit }
    }

    pub(crate) fn is_any_running(&self) -> bool {
        self.running.available_permits() < AT_ONCE + self.more.get().copied().unwrap_or_default()
    }

    /// Returns what a call with this deadline may use now.
    fn given(&self, deadline: Duration) -> Duration {
        let halvings = self.overruns().recent();
        let given = deadline / 2_u32.saturating_pow(halvings);
        given.max(TICK).min(deadline)
    }

    fn overran(&self) {
        let mut overruns = self.overruns();
        *overruns = Overruns { count: overruns.recent() + 1, last: Some(Instant::now()) };
    }

    fn overruns(&self) -> MutexGuard<'_, Overruns> {
        self.overruns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Overruns {
    fn recent(&self) -> u32 {
        let recent = self.last.is_some_and(|last| last.elapsed() < GRUDGE);
        if recent { self.count } else { 0 }
    }
}

/// A call in progress, which ends when this is dropped.
pub(crate) struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        IN_PROGRESS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The time of one call.
pub(crate) struct Clock {
    turns: Arc<Turns>,
    deadline: Duration,
    started: Instant,
    /// Nanoseconds in which the call could not run.
    waited: AtomicU64,
}

impl Clock {
    pub(crate) fn start(turns: &Arc<Turns>, deadline: Duration) -> Arc<Self> {
        let (turns, waited) = (Arc::clone(turns), AtomicU64::new(0));
        Arc::new(Self { turns, deadline, started: Instant::now(), waited })
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Waits for `turn`, and doesn't charge the call for it.
    pub(crate) async fn wait<T>(self: Arc<Self>, turn: impl Future<Output = T>) -> T {
        let since = Instant::now();
        let turn = turn.await;
        let nanoseconds = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.waited.fetch_add(nanoseconds, Ordering::Relaxed);
        turn
    }

    /// Returns how much time is left.
    ///
    /// # Errors
    ///
    /// Fails with the limit if there is none left.
    pub(crate) fn left(&self) -> Result<Duration, Limit> {
        let elapsed = self.started.elapsed();
        let waited = Duration::from_nanos(self.waited.load(Ordering::Relaxed));
        let given = self.turns.given(self.deadline);
        let crowd = IN_PROGRESS.load(Ordering::Relaxed).clamp(1, MOST_DEADLINES);
        let own = given.saturating_sub(elapsed.saturating_sub(waited));
        let left = own.min((self.deadline * crowd).saturating_sub(elapsed));
        if !left.is_zero() {
            return Ok(left);
        }
        self.turns.overran();
        Err(if given < self.deadline {
            Limit::HalvedDeadline(self.deadline)
        } else {
            Limit::Deadline(self.deadline)
        })
    }
}
