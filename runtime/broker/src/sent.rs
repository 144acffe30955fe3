//! The body of a request, on its way to the provider.
//!
//! It is passed on as it arrives. What has been passed on is kept as well, up to a limit:
//! if the provider refuses the credential, the request can be sent once more.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::Version;
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::headers::clean_trailers;
use crate::limits::KEPT_BODY;
use crate::quiet;
use crate::silence::{BodyError, Silence};

/// The body of a request to a provider.
pub(crate) enum SentBody {
    Empty,
    /// It arrives from the client.
    // A request passes through many hands, which costs more than finding this.
    Live(Box<Live>),
    /// It is sent once more.
    Again(VecDeque<Bytes>),
}

/// A body that is still arriving.
pub(crate) struct Live {
    body: Incoming,
    is_http2: bool,
    kept: Kept,
    silence: Silence,
}

/// What was passed on of a body, and when. The copies share it.
#[derive(Clone)]
pub(crate) struct Kept(Rc<RefCell<Progress>>);

struct Progress {
    /// `None` if it is too long to be kept.
    chunks: Option<VecDeque<Bytes>>,
    bytes: usize,
    is_whole: bool,
    last: Instant,
}

impl SentBody {
    /// Returns the body of a client's request in this version of HTTP, which is kept in `kept`.
    /// The client may be silent for as long as `longest`.
    pub(crate) fn of(body: Incoming, version: Version, kept: &Kept, longest: Duration) -> Self {
        if body.is_end_stream() {
            kept.ended();
            return Self::Empty;
        }
        if body.size_hint().lower() > KEPT_BODY as u64 {
            kept.is_too_long();
        }
        let (is_http2, silence) = (version == Version::HTTP_2, Silence::new(longest));
        Self::Live(Box::new(Live { body, is_http2, kept: kept.clone(), silence }))
    }
}

impl Live {
    fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Self { body, is_http2, kept, silence } = self;
        let part = match *is_http2 {
            true => Pin::new(&mut *body).poll_frame(context),
            false => quiet::poll_frame(body, context),
        };
        let mut frame = ready!(silence.heard(part, "the client fell silent", context));
        match &mut frame {
            Some(Ok(frame)) => {
                kept.took(frame.data_ref());
                if let Some(trailers) = frame.trailers_mut() {
                    clean_trailers(trailers);
                }
            }
            Some(Err(_)) => {}
            None => kept.ended(),
        }
        if body.is_end_stream() {
            kept.ended();
        }
        Poll::Ready(frame)
    }
}

impl Kept {
    /// Nothing of a body whose head arrived at `started`.
    pub(crate) fn since(started: Instant) -> Self {
        Self(Rc::new(RefCell::new(Progress {
            chunks: Some(VecDeque::new()),
            bytes: 0,
            is_whole: false,
            last: started,
        })))
    }

    /// Returns the body to be sent once more; `None` if it has not arrived to its end, or is
    /// too long.
    pub(crate) fn again(&self) -> Option<SentBody> {
        let mut progress = self.0.borrow_mut();
        let chunks = progress.chunks.take().filter(|_| progress.is_whole)?;
        Some(if chunks.is_empty() { SentBody::Empty } else { SentBody::Again(chunks) })
    }

    /// The request is sent from now on: what went before is no silence of the provider.
    pub(crate) fn begins(&self) {
        self.took(None);
    }

    /// Returns when the last of it was passed on.
    pub(crate) fn last(&self) -> Instant {
        self.0.borrow().last
    }

    fn took(&self, data: Option<&Bytes>) {
        let mut progress = self.0.borrow_mut();
        progress.last = Instant::now();
        let Some(data) = data else { return };
        progress.bytes += data.len();
        if progress.bytes > KEPT_BODY {
            progress.chunks = None;
        }
        if let Some(chunks) = &mut progress.chunks {
            chunks.push_back(data.clone());
        }
    }

    fn is_too_long(&self) {
        self.0.borrow_mut().chunks = None;
    }

    fn ended(&self) {
        self.0.borrow_mut().is_whole = true;
    }
}

impl Body for SentBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Again(chunks) => Poll::Ready(chunks.pop_front().map(|it| Ok(Frame::data(it)))),
            Self::Live(live) => live.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Live(live) => live.body.is_end_stream(),
            Self::Again(chunks) => chunks.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Live(live) => live.body.size_hint(),
            Self::Again(chunks) => {
                SizeHint::with_exact(chunks.iter().map(Bytes::len).sum::<usize>() as u64)
            }
        }
    }
}
