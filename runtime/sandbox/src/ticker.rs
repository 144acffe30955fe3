//! The clock that interrupts strategies.
//!
//! Code that loops without end can only be stopped from outside. Compiled code
//! therefore looks at a counter of its engine, the epoch, at every loop and
//! every call; when the counter moves, the code gives way to the other tasks of
//! the async runtime, and its deadline is looked at. A thread has to move the
//! counter, since the threads of the runtime may all be inside strategies.
//!
//! A host that lives long resolves credentials now and then; a thread that
//! wakes a thousand times a second for nothing is a bad guest. So the ticker
//! sleeps for as long as no call is under way. And it holds the engine weakly,
//! so that dropping the sandbox ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long a strategy may hold its thread before other tasks get a turn.
const TICK: Duration = Duration::from_millis(1);

/// How many ticks without a call the ticker waits before it goes to sleep:
/// waking it costs a system call, which calls in quick succession should not pay.
const IDLE_TICKS: u32 = 100;

/// The thread that moves the epoch of one engine.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    calls: AtomicUsize,
    asleep: AtomicBool,
}

/// Keeps the ticker awake while it lives.
pub(crate) struct Awake<'a>(&'a Shared);

impl Ticker {
    /// Starts the thread.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (engine, seen) = (engine.weak(), Arc::clone(&shared));
        let handle = thread::Builder::new()
            .name("epoch-ticker".into())
            .stack_size(64 * 1024)
            .spawn(move || tick(&engine, &seen))?;
        Ok(Self { shared, thread: handle.thread().clone() })
    }

    /// Says that a call begins; it ends when the answer is dropped.
    pub(crate) fn keep_awake(&self) -> Awake<'_> {
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        Awake(&self.shared)
    }
}

impl Drop for Ticker {
    /// Lets a sleeping thread see that its engine is gone.
    fn drop(&mut self) {
        self.thread.unpark();
    }
}

impl Drop for Awake<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick(engine: &EngineWeak, shared: &Shared) {
    let mut idle = 0;
    loop {
        if shared.calls.load(Ordering::SeqCst) > 0 {
            idle = 0;
        } else {
            idle += 1;
        }
        if idle > IDLE_TICKS {
            // A call that begins after the store sees the flag and unparks; one
            // that began before it is seen by the load. Either way none is missed.
            shared.asleep.store(true, Ordering::SeqCst);
            if shared.calls.load(Ordering::SeqCst) == 0 && engine.upgrade().is_some() {
                thread::park();
            }
            shared.asleep.store(false, Ordering::SeqCst);
            idle = 0;
        }
        thread::sleep(TICK);
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
    }
}
