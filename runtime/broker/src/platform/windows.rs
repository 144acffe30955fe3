//! Windows has no such socket that Rust's standard library or tokio know. Clients reach the
//! broker over TCP, with a pass.
//!
//! So there are no values of these types.

use std::io;
use std::path::Path;

use tokio::net::TcpStream;

/// A socket, of which there is none.
#[derive(Debug)]
pub(crate) enum OwnSocket {}

impl OwnSocket {
    /// Fails.
    pub(crate) fn at(_: &Path) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there are no Unix sockets on Windows"))
    }

    pub(crate) fn for_worker(&self) -> io::Result<OwnListener> {
        match *self {}
    }
}

/// The socket, for one worker.
pub(crate) enum OwnListener {}

impl OwnListener {
    pub(crate) fn in_runtime(self) -> io::Result<OwnAccepting> {
        match self {}
    }
}

/// The socket, in a runtime.
pub(crate) enum OwnAccepting {}

impl OwnAccepting {
    pub(crate) async fn next(&self) -> io::Result<OwnArrived> {
        match *self {}
    }
}

/// A connection.
pub(crate) enum OwnArrived {}

impl OwnArrived {
    pub(crate) fn let_in(self) -> Option<TcpStream> {
        match self {}
    }
}
