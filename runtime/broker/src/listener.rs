//! Where a broker listens.

use std::fmt;
use std::net::{SocketAddr, TcpListener};

use tokio::net;

use crate::error::ServeError;

/// An address that is being listened on.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: Address,
}

/// Where clients reach a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Over TCP.
    Tcp(SocketAddr),
}

impl Listener {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Fails with [`ServeError::Listen`] if the system refuses.
    pub fn on_free_port() -> Result<Self, ServeError> {
        Self::tcp(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Listens on `address`.
    ///
    /// # Errors
    ///
    /// Fails with [`ServeError::Listen`] if the system refuses.
    pub fn tcp(address: SocketAddr) -> Result<Self, ServeError> {
        let failed = |reason| ServeError::Listen { address: address.to_string(), reason };
        let socket = TcpListener::bind(address).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let address = Address::Tcp(socket.local_addr().map_err(failed)?);
        Ok(Self { socket, address })
    }

    /// Returns where clients reach it.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the same socket for one more worker.
    pub(crate) fn for_worker(&self) -> Result<TcpListener, ServeError> {
        self.socket.try_clone().map_err(ServeError::System)
    }
}

/// Returns the socket as the current runtime uses it.
pub(crate) fn of_runtime(socket: TcpListener) -> Result<net::TcpListener, ServeError> {
    net::TcpListener::from_std(socket).map_err(ServeError::System)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
        }
    }
}
