//! The thread that interrupts strategies.
//!
//! An endless loop can only be stopped from outside. So compiled code checks a counter
//! of its engine, the epoch, in every loop and at every function call. When the counter
//! advances, the code yields to the other tasks of the async runtime and its deadline is
//! checked. A separate thread advances the counter, because all threads of the runtime
//! may be busy running strategies.
//!
//! A long-lived host resolves credentials only now and then, and should not be woken a
//! thousand times a second for nothing. So the ticker sleeps while no call is in
//! progress. It holds a weak reference to the engine, so that it ends when the sandbox is
//! dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long a strategy may occupy its thread before other tasks get a turn.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// The number of ticks without a call after which the ticker goes to sleep. Waking it
/// costs a system call, which calls in quick succession should not pay. A broker makes a call
/// every 50 ms, and is to sleep in between.
const IDLE_TICKS: u32 = 10;

/// A thread that advances the epoch of one engine.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    calls: AtomicUsize,
    asleep: AtomicBool,
}

/// Keeps the ticker awake until it is dropped.
pub(crate) struct Awake<'a>(&'a Shared);

impl Ticker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// Fails if the thread cannot be started.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (engine, seen) = (engine.weak(), Arc::clone(&shared));
        let handle = thread::Builder::new()
            .name("epoch-ticker".into())
            .stack_size(64 * 1024)
            .spawn(move || tick(&engine, &seen))?;
        Ok(Self { shared, thread: handle.thread().clone() })
    }

    /// Keeps the ticker awake during a call, which ends when the result is dropped.
    pub(crate) fn keep_awake(&self) -> Awake<'_> {
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        Awake(&self.shared)
    }
}

impl Drop for Ticker {
    /// Wakes a sleeping thread, so that it notices that its engine is gone.
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
            // A call that starts after this store sees the flag and unparks this thread;
            // one that started before it is seen by the load. So no call is missed.
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
