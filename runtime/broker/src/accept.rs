//! Takes the connections of clients, and lets each as far as it may go.

use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::front::Access;
use crate::listener::WorkerSocket;
use crate::platform::{OwnAccepting, OwnArrived};
use crate::stream::Stream;

/// How long a client may take to show its certificate.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A socket that clients connect to, in the runtime that uses it.
pub(crate) enum Accepting {
    Tcp(TcpListener),
    Tls(TcpListener, TlsAcceptor),
    Own(OwnAccepting),
}

/// A connection that was not let in yet.
pub(crate) enum Arrived {
    Tcp(TcpStream),
    Tls(TcpStream, TlsAcceptor),
    Own(OwnArrived),
}

impl Accepting {
    pub(crate) fn on(socket: WorkerSocket) -> io::Result<Self> {
        Ok(match socket {
            WorkerSocket::Tcp(socket, None) => Self::Tcp(TcpListener::from_std(socket)?),
            WorkerSocket::Tcp(socket, Some(tls)) => {
                Self::Tls(TcpListener::from_std(socket)?, tls.acceptor)
            }
            WorkerSocket::Own(socket) => Self::Own(socket.in_runtime()?),
        })
    }

    /// Waits for the next connection.
    pub(crate) async fn next(&self) -> io::Result<Arrived> {
        Ok(match self {
            Self::Tcp(listener) => Arrived::Tcp(listener.accept().await?.0),
            Self::Tls(listener, acceptor) => {
                Arrived::Tls(listener.accept().await?.0, acceptor.clone())
            }
            Self::Own(listener) => Arrived::Own(listener.next().await?),
        })
    }
}

impl Arrived {
    /// Lets the client in, if it is one that may speak; `None` if not.
    pub(crate) async fn let_in(self) -> Option<(Box<dyn Stream>, Access)> {
        match self {
            Self::Tcp(stream) => {
                // Without this a short answer waits for more, which never comes.
                stream.set_nodelay(true).ok()?;
                Some((Box::new(stream), Access::Tcp))
            }
            Self::Tls(stream, acceptor) => {
                stream.set_nodelay(true).ok()?;
                let shaken = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
                Some((Box::new(shaken.ok()?.ok()?), Access::Tls))
            }
            Self::Own(stream) => Some((Box::new(stream.let_in()?), Access::OwnSocket)),
        }
    }
}
