//! How long a body has not moved.
//!
//! Short bodies arrive at once, so nothing is set up before there is something to wait for.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// How long nothing has arrived.
pub(crate) struct Silence {
    longest: Duration,
    /// Made when there is something to wait for, which short bodies never do.
    timer: Option<Pin<Box<Sleep>>>,
    is_running: bool,
}

impl Silence {
    pub(crate) fn new(longest: Duration) -> Self {
        Self { longest, timer: None, is_running: false }
    }

    /// Something has arrived.
    pub(crate) fn broken(&mut self) {
        self.is_running = false;
    }

    /// Returns true if nothing has arrived for too long, and otherwise wakes the task when
    /// that is so.
    pub(crate) fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let end = || Instant::now() + self.longest;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end())));
        if !self.is_running {
            self.is_running = true;
            timer.as_mut().reset(end());
        }
        timer.as_mut().poll(context).is_ready()
    }
}
