//! What HTTP is spoken on with clients.

use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, Interest, Ready};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A connection of a client.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// Returns true if the client has closed its side, without reading what it sent before.
    /// Otherwise the task of `context` is woken when more arrives or the client leaves.
    fn has_left(&self, context: &mut Context<'_>) -> bool;
}

impl Stream for TcpStream {
    fn has_left(&self, context: &mut Context<'_>) -> bool {
        self.poll_read_ready(context).is_ready()
            && is_closed(self.ready(Interest::READABLE), context)
    }
}

#[cfg(unix)]
impl Stream for tokio::net::UnixStream {
    fn has_left(&self, context: &mut Context<'_>) -> bool {
        self.poll_read_ready(context).is_ready()
            && is_closed(self.ready(Interest::READABLE), context)
    }
}

impl<T: Stream> Stream for TlsStream<T> {
    fn has_left(&self, context: &mut Context<'_>) -> bool {
        self.get_ref().0.has_left(context)
    }
}

/// Returns true if what a stream is `ready` for is that nothing more arrives.
fn is_closed(ready: impl Future<Output = io::Result<Ready>>, context: &mut Context<'_>) -> bool {
    matches!(pin!(ready).poll(context), Poll::Ready(Ok(ready)) if ready.is_read_closed())
}
