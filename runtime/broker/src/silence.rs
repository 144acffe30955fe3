//! How long a body has not moved.
//!
//! Short bodies arrive at once, so nothing is set up before there is something to wait for.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

/// Why a body broke off.
pub(crate) type BodyError = Box<dyn Error + Send + Sync>;

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

    /// Returns the next part of `body`, or an error of these words if it does not come in time.
    pub(crate) fn poll_frame(
        &mut self,
        body: &mut Incoming,
        words: &'static str,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(body).poll_frame(context) {
            Poll::Pending if self.is_over(context) => Poll::Ready(Some(Err(words.into()))),
            Poll::Pending => Poll::Pending,
            Poll::Ready(frame) => {
                self.is_running = false;
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
        }
    }

    /// Returns true if nothing has arrived for too long, and otherwise wakes the task when
    /// that is so.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let end = || Instant::now() + self.longest;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end())));
        if !self.is_running {
            self.is_running = true;
            timer.as_mut().reset(end());
        }
        timer.as_mut().poll(context).is_ready()
    }
}
