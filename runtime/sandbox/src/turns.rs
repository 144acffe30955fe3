//! Who runs when: the time that a call has used, and what it may use.
//!
//! Strategies share the threads of the host. A deadline by the wall clock alone stops
//! the honest strategy that had to wait, and not those that made it wait. So a call is
//! charged for its own turns: while others have its thread, or the memory that it waits
//! for, its clock stands still. So it does while a server lets a call wait; that has a
//! limit of its own, so it is not even part of the wall clock.
//!
//! That alone would let a crowd of spinning strategies hold up their host for minutes,
//! each within its deadline. So three more rules bound the whole. As many calls of one
//! strategy run at once as the machine has processors, since more would not finish
//! sooner; the others wait before their clock starts. The wall clock still ends a call,
//! at a multiple of its deadline that grows with the number of calls in progress, unless it
//! has hardly had a turn: where other programs take the processors, even one turn of all
//! others may last for seconds. And a strategy that exceeds its deadline is given half as
//! much time for the next calls.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::limits::Limit;
use crate::ticker::TICK;

/// The most deadlines that a call may take by the wall clock.
const MOST_DEADLINES: u32 = 8;

/// The part of its deadline that a call may use whatever the wall clock says. It is more
/// than an honest strategy needs, and so little that as many as the command line asks at
/// once (128 a thread) use no more time in all than the wall clock allows.
const SURE_PART: u32 = 20;

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
    in_progress: AtomicU32,
    overruns: Mutex<Overruns>,
}

#[derive(Default)]
struct Overruns {
    count: u32,
    last: Option<Instant>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            running: Semaphore::new(AT_ONCE),
            more: OnceLock::new(),
            in_progress: AtomicU32::new(0),
            overruns: Mutex::default(),
        }
    }

    /// Waits until fewer calls of this strategy run than the machine has processors.
    pub(crate) async fn next(self: &Arc<Self>) -> Turn {
        self.take().await;
        IN_PROGRESS.fetch_add(1, Ordering::Relaxed);
        self.in_progress.fetch_add(1, Ordering::Relaxed);
        Turn { turns: Arc::clone(self), is_taken: AtomicBool::new(true) }
    }

    async fn take(&self) {
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
        if let Some(permit) = permit {
            permit.forget();
        }
    }

    fn give_back(&self) {
        self.running.add_permits(1);
    }

    pub(crate) fn is_any_in_progress(&self) -> bool {
        self.in_progress.load(Ordering::Relaxed) > 0
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
pub(crate) struct Turn {
    turns: Arc<Turns>,
    is_taken: AtomicBool,
}

impl Turn {
    /// Waits for `event`, and for the next turn after it. Meanwhile others may have the
    /// turn.
    ///
    /// All that a call waits for is waited for in this way. Otherwise calls that hold
    /// their turn and wait for memory, and calls that hold memory and wait for a turn,
    /// would wait for each other.
    pub(crate) async fn lend<T>(&self, event: impl Future<Output = T>) -> T {
        let mut event = pin!(event);
        let at_once = poll_fn(|context| Poll::Ready(event.as_mut().poll(context))).await;
        if let Poll::Ready(value) = at_once {
            return value;
        }
        self.give_back();
        let value = event.await;
        self.turns.take().await;
        self.is_taken.store(true, Ordering::Relaxed);
        value
    }

    fn give_back(&self) {
        if self.is_taken.swap(false, Ordering::Relaxed) {
            self.turns.give_back();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.give_back();
        self.turns.in_progress.fetch_sub(1, Ordering::Relaxed);
        IN_PROGRESS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The time of one call.
pub(crate) struct Clock {
    turn: Turn,
    deadline: Duration,
    started: Instant,
    /// The time in which the call could not run.
    waited: Stopwatch,
    /// The time in which it was no concern of this machine.
    away: Stopwatch,
}

impl Clock {
    pub(crate) fn start(turn: Turn, deadline: Duration) -> Arc<Self> {
        let (waited, away) = (Stopwatch::default(), Stopwatch::default());
        Arc::new(Self { turn, deadline, started: Instant::now(), waited, away })
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Lets others have the thread, and doesn't charge the call for it.
    pub(crate) async fn wait<T>(self: Arc<Self>, others: impl Future<Output = T>) -> T {
        self.waited.start(self.started);
        let value = others.await;
        self.waited.stop(self.started);
        value
    }

    /// Waits for something of this machine, such as memory, and doesn't charge the call for
    /// it. Others may have the turn meanwhile.
    pub(crate) async fn wait_for<T>(&self, event: impl Future<Output = T>) -> T {
        self.waited.start(self.started);
        let value = self.turn.lend(event).await;
        self.waited.stop(self.started);
        value
    }

    /// Waits for something elsewhere, such as the answer of a server. It has a limit of its
    /// own, and counts neither as time of the call nor as time that has passed.
    pub(crate) async fn wait_elsewhere<T>(&self, event: impl Future<Output = T>) -> T {
        self.away.start(self.started);
        let value = self.turn.lend(event).await;
        self.away.stop(self.started);
        value
    }

    /// Returns how much time is left.
    ///
    /// # Errors
    ///
    /// Fails with the limit if there is none left.
    pub(crate) fn left(&self) -> Result<Duration, Limit> {
        let elapsed = self.started.elapsed();
        let passed = elapsed.saturating_sub(self.away.shows(elapsed));
        let waited = self.waited.shows(elapsed);
        let given = self.turn.turns.given(self.deadline);
        let crowd = IN_PROGRESS.load(Ordering::Relaxed).clamp(1, MOST_DEADLINES);
        let used = passed.saturating_sub(waited);
        let sure = (self.deadline / SURE_PART).saturating_sub(used);
        let by_the_wall = (self.deadline * crowd).saturating_sub(passed).max(sure);
        let left = given.saturating_sub(used).min(by_the_wall);
        if !left.is_zero() {
            return Ok(left);
        }
        self.turn.turns.overran();
        Err(if given < self.deadline {
            Limit::HalvedDeadline(self.deadline)
        } else {
            Limit::Deadline(self.deadline)
        })
    }
}

/// A time that is summed up with interruptions, in nanoseconds since a call started.
#[derive(Default)]
struct Stopwatch {
    sum: AtomicU64,
    /// When it was started; 0 if it does not run.
    since: AtomicU64,
}

impl Stopwatch {
    fn start(&self, call: Instant) {
        self.since.store(nanoseconds(call.elapsed()).max(1), Ordering::Relaxed);
    }

    fn stop(&self, call: Instant) {
        let since = self.since.swap(0, Ordering::Relaxed);
        let time = nanoseconds(call.elapsed()).saturating_sub(since);
        self.sum.fetch_add(time, Ordering::Relaxed);
    }

    /// Returns the sum, once `elapsed` has passed since the call started.
    fn shows(&self, elapsed: Duration) -> Duration {
        let since = self.since.load(Ordering::Relaxed);
        let running = match since {
            0 => 0,
            since => nanoseconds(elapsed).saturating_sub(since),
        };
        Duration::from_nanos(self.sum.load(Ordering::Relaxed).saturating_add(running))
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
