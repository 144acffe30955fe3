//! How long the other side of a connection has said nothing.
//!
//! Most answer at once, so nothing is set up before there is something to wait for, and the timer
//! stays for the next request on a connection.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Instant, Sleep};

/// Why a body broke off.
pub(crate) type BodyError = Box<dyn Error + Send + Sync>;

/// How long nothing has arrived.
pub(crate) struct Silence {
    longest: Duration,
    /// Made when there is something to wait for, which short bodies never do.
    timer: Option<Pin<Box<Sleep>>>,
    /// Since when the next part of a body has been waited for.
    since: Option<Instant>,
}

impl Silence {
    pub(crate) fn new(longest: Duration) -> Self {
        Self { longest, timer: None, since: None }
    }

    /// Returns the next `part` of a body, or an error of these words if it does not come in time.
    pub(crate) fn heard(
        &mut self,
        part: Poll<Option<Result<Frame<Bytes>, hyper::Error>>>,
        words: &'static str,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = part {
            self.since = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.is_over(since, context) {
            Poll::Ready(Some(Err(words.into())))
        } else {
            Poll::Pending
        }
    }

    /// Returns true if a silence that began at `since` is too long, and otherwise wakes the
    /// task when that is so.
    pub(crate) fn is_over(&mut self, since: Instant, context: &mut Context<'_>) -> bool {
        let end = since + self.longest;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        while timer.as_mut().poll(context).is_ready() {
            // It was set for something earlier, and is put off only now.
            if timer.deadline() >= end {
                return true;
            }
            timer.as_mut().reset(end);
        }
        false
    }
}
