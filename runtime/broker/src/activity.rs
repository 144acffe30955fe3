//! What a connection of a client is used for, and when it is closed because it is not.
//!
//! A client takes as much of the broker as it pleases by being slow: with the head of a
//! request, by asking nothing, or by not reading its answer. Hyper limits the first alone, and
//! sets up a timer for each request, which costs more than all of this. So it is written down
//! what the connection does, and one timer for all of its life looks at that.
//!
//! A client that leaves takes its request with it: a provider is paid for what it answers, and
//! no one would read it. Hyper finds that out by reading on while a request is answered, for
//! which it takes a new buffer of 8 KiB for each, as the one before still holds the head. The
//! system says the same without a buffer.
//!
//! Slow bodies have limits of their own (see [`silence`](crate::silence)).

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::limits::{HEAD_TIME, UNREAD_TIME};
use crate::stream::Stream;
use crate::unread::UnreadAnswers;

/// What one connection is doing.
pub(crate) struct Activity {
    /// How many of its requests have no whole answer yet.
    answering: Cell<usize>,
    /// Since when there are none.
    idle_since: Cell<Instant>,
    /// Since when the client takes nothing of what it is sent.
    unread_since: Cell<Option<Instant>>,
    /// Whether it speaks HTTP/2, in which hyper asks whether an idle client is still there.
    is_http2: Cell<bool>,
    unread_answers: Rc<UnreadAnswers>,
}

impl Activity {
    /// Returns the activity of a connection that is new.
    pub(crate) fn new() -> Self {
        Self {
            answering: Cell::new(0),
            idle_since: Cell::new(Instant::now()),
            unread_since: Cell::new(None),
            is_http2: Cell::new(false),
            unread_answers: Rc::default(),
        }
    }

    /// The head of a request has arrived.
    pub(crate) fn asked(&self, is_http2: bool) {
        self.is_http2.set(is_http2);
        self.answering.set(self.answering.get() + 1);
    }

    /// A request is over.
    pub(crate) fn answered(&self, now: Instant) {
        self.answering.set(self.answering.get().saturating_sub(1));
        self.idle_since.set(now);
    }

    /// Returns the answers that wait for the client, each with a window of its own.
    pub(crate) fn unread_answers(&self) -> &Rc<UnreadAnswers> {
        &self.unread_answers
    }

    /// Cuts off what the client does not read, and returns until when the connection may stay as it
    /// is; `None` if it is to be closed.
    pub(crate) fn may_last_until(&self) -> Option<Instant> {
        let now = Instant::now();
        self.unread_answers.cut_off(now);
        let is_idle = self.answering.get() == 0 && !self.is_http2.get();
        let idle = is_idle.then(|| self.idle_since.get() + HEAD_TIME);
        let unread = self.unread_since.get().map(|since| since + UNREAD_TIME);
        let end = idle.into_iter().chain(unread).min().unwrap_or(now + HEAD_TIME);
        (end > now).then_some(end)
    }

    /// Returns true while the client waits for an answer, unless hyper reads on meanwhile.
    fn awaits_answer(&self) -> bool {
        self.answering.get() > 0 && !self.is_http2.get()
    }

    fn wrote(&self, has_taken: bool) {
        if has_taken {
            self.unread_since.set(None);
        } else if self.unread_since.get().is_none() {
            self.unread_since.set(Some(Instant::now()));
        }
    }
}

/// A client's stream that says whether the client reads, and fails when it has left.
pub(crate) struct Watched {
    stream: Box<dyn Stream>,
    activity: Rc<Activity>,
}

impl Watched {
    pub(crate) fn new(stream: Box<dyn Stream>, activity: Rc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn noted<R>(&self, written: Poll<R>) -> Poll<R> {
        self.activity.wrote(written.is_ready());
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Hyper calls this whenever it has done what it can.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.awaits_answer() && self.stream.has_left(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.noted(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
