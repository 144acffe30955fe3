//! Where a broker listens, and who gets as far as speaking HTTP there.
//!
//! A TCP port is taken first, and listened on only when the broker serves: a script may wait for
//! nothing but the port, and what it reads then, such as the file with the pass, has to be there.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use orchestration_support::redact::sanitize_path;
use socket2::{Domain, SockRef, Type};

use crate::error::ServeError;
use crate::limits::CONNECTIONS_PER_PASS;
use crate::platform::{OwnListener, OwnSocket};
use crate::tls::ServerTls;

/// An address that is taken, and listened on when it is served.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    address: Address,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener, Option<ServerTls>),
    Own(OwnSocket),
}

/// Where clients reach a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Over TCP.
    Tcp(SocketAddr),
    /// Over TCP, with TLS.
    Tls(SocketAddr),
    /// Over a Unix socket of this user.
    Unix(PathBuf),
}

/// The socket of a listener, for one worker.
pub(crate) enum WorkerSocket {
    Tcp(TcpListener, Option<ServerTls>),
    Own(OwnListener),
}

impl Listener {
    /// Takes a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Fails with [`ServeError::Listen`] if the system refuses.
    pub fn on_free_port() -> Result<Self, ServeError> {
        Self::loopback(([127, 0, 0, 1], 0).into())
    }

    /// Takes an address of this machine's own.
    ///
    /// # Errors
    ///
    /// Fails with [`ServeError::Remote`] if other machines could reach it, and with
    /// [`ServeError::Listen`] if the system refuses.
    pub fn loopback(address: SocketAddr) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() {
            return Err(ServeError::Remote(address));
        }
        let (socket, address) = bound(address)?;
        Ok(Self { socket: Socket::Tcp(socket, None), address: Address::Tcp(address) })
    }

    /// Takes `address`, for clients with a certificate.
    ///
    /// # Errors
    ///
    /// Fails with [`ServeError::Listen`] if the system refuses.
    pub fn with_tls(address: SocketAddr, tls: ServerTls) -> Result<Self, ServeError> {
        let (socket, address) = bound(address)?;
        Ok(Self { socket: Socket::Tcp(socket, Some(tls)), address: Address::Tls(address) })
    }

    /// Listens on a Unix socket at `path` that only this user can open, in a directory of this
    /// user.
    ///
    /// # Errors
    ///
    /// Fails with [`ServeError::Listen`] if another broker listens there, if others could
    /// replace the socket, or if the system refuses.
    pub fn unix(path: &Path) -> Result<Self, ServeError> {
        let failed = |reason| ServeError::Listen { address: sanitize_path(path), reason };
        let socket = OwnSocket::at(path).map_err(failed)?;
        Ok(Self { socket: Socket::Own(socket), address: Address::Unix(path.to_owned()) })
    }

    /// Returns where clients reach it.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Lets clients connect. On a Unix socket they wait already.
    pub(crate) fn listen(&self) -> Result<(), ServeError> {
        let Socket::Tcp(socket, _) = &self.socket else { return Ok(()) };
        let socket = SockRef::from(socket);
        let listening = shares_with_old_connections(&socket, true)
            .and_then(|()| socket.listen(CONNECTIONS_PER_PASS as i32));
        listening.map_err(|reason| ServeError::Listen { address: self.address.to_string(), reason })
    }

    /// Returns the same socket for one more worker.
    pub(crate) fn for_worker(&self) -> io::Result<WorkerSocket> {
        Ok(match &self.socket {
            Socket::Tcp(socket, tls) => WorkerSocket::Tcp(socket.try_clone()?, tls.clone()),
            Socket::Own(own) => WorkerSocket::Own(own.for_worker()?),
        })
    }
}

/// Returns a socket that has `address`, and that no one can connect to yet.
fn bound(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let bind = || {
        let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        shares_with_old_connections(&socket, true)?;
        socket.bind(&address.into())?;
        // No one else gets it meanwhile.
        shares_with_old_connections(&socket, false)?;
        socket.set_nonblocking(true)?;
        let socket = TcpListener::from(socket);
        let address = socket.local_addr()?;
        Ok((socket, address))
    };
    bind().map_err(|reason| ServeError::Listen { address: address.to_string(), reason })
}

/// Says whether a socket may have the address of connections that the broker before has left
/// behind, which stay for a minute. On Windows it always may.
fn shares_with_old_connections(socket: &socket2::Socket, may_share: bool) -> io::Result<()> {
    if cfg!(unix) { socket.set_reuse_address(may_share) } else { Ok(()) }
}

impl Address {
    /// Returns the URL that clients begin with, without a slash at its end. Over a Unix socket
    /// its host is of no account.
    pub fn url(&self) -> String {
        match self {
            Self::Tcp(address) => format!("http://{address}"),
            Self::Tls(address) => format!("https://{address}"),
            Self::Unix(_) => "http://localhost".to_owned(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) | Self::Tls(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", sanitize_path(path)),
        }
    }
}
