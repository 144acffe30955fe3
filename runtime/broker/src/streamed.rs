//! The body of a provider's answer, on its way to the client.
//!
//! It is passed on as it arrives: no byte waits for the next, and none is read before the
//! client has taken the one before. A provider that falls silent in the middle is given up
//! after as long as it may be silent anywhere else.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::pool::Lent;
use crate::quiet;
use crate::silence::BodyError;

/// A body that is still arriving, and the connection that it arrives on.
pub(crate) struct Streamed {
    body: Incoming,
    /// `None` if nothing more arrives on it.
    connection: Option<Lent>,
}

impl Streamed {
    pub(crate) fn new(body: Incoming, connection: Lent) -> Self {
        let mut streamed = Self { body, connection: Some(connection) };
        if streamed.body.is_end_stream() {
            streamed.give_back();
        }
        streamed
    }

    /// Gives the connection back, which can carry the next request.
    fn give_back(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.give_back();
        }
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let Some(connection) = &mut this.connection else { return Poll::Ready(None) };
        let words = "the provider fell silent";
        let (_, silence) = connection.parts();
        let part = quiet::poll_frame(&mut this.body, context);
        let frame = ready!(silence.heard(part, words, context));
        if frame.is_none() || this.body.is_end_stream() {
            this.give_back();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
