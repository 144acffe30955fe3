//! The body of an answer to a client, and how it is counted.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use crate::record::Recording;
use crate::silence::BodyError;
use crate::streamed::Streamed;
use crate::unread::Unread;

/// The body of an answer. The request is over, and goes to the log, when it is dropped.
pub(crate) struct AnswerBody {
    content: Content,
    // A body passes through many hands, which costs more than finding this.
    recording: Box<Recording>,
    /// Over HTTP/2, where the client may read others and not this.
    unread: Option<Unread>,
}

/// What an answer says.
pub(crate) enum Content {
    /// Nothing, or nothing more.
    Empty,
    Whole(Bytes),
    Streamed(Streamed),
}

impl AnswerBody {
    pub(crate) fn new(content: Content, recording: Box<Recording>) -> Self {
        let unread = recording.unread();
        let mut body = Self { content, recording, unread };
        if body.is_end_stream() || body.recording.is_of_head() {
            body.recording.complete();
        }
        body
    }
}

/// Returns an answer of the broker's own.
pub(crate) fn whole(
    status: StatusCode,
    content_type: &'static str,
    content: Bytes,
) -> Response<Content> {
    let mut answer = Response::new(Content::Whole(content));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let frame = match &mut this.content {
            Content::Empty => None,
            Content::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                this.content = Content::Empty;
                Some(Ok(Frame::data(bytes)))
            }
            Content::Streamed(body) => match Pin::new(body).poll_frame(context) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    this.unread.iter().for_each(Unread::is_wanted);
                    return Poll::Pending;
                }
            },
        };
        if let Some(Ok(data)) = frame.as_ref().map(|frame| frame.as_ref().map(Frame::data_ref)) {
            this.recording.sent(data.map_or(0, Bytes::len));
        }
        if frame.is_none() || this.is_end_stream() {
            this.recording.complete();
        } else {
            this.unread.iter().for_each(Unread::waits);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Empty => true,
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Empty => SizeHint::with_exact(0),
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Streamed(body) => body.size_hint(),
        }
    }
}
