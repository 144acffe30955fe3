//! Why a profile can't be served.

use std::io;
use std::net::SocketAddr;

use orchestration_auth::ProviderError;
use orchestration_egress::HttpError;

/// Why a profile can't be served.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The profile has no base URL, and its provider no documented one.
    #[error("no base URL is known")]
    NoBaseUrl,
    /// Its key must not go to its base URL, or can't.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Its strategy can't be used.
    #[error(transparent)]
    Credential(#[from] ProviderError),
}

/// Why the broker can't start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The system refuses to listen there.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address or path.
        address: String,
        /// The error of the system.
        reason: io::Error,
    },
    /// Other machines could reach this address.
    #[error("{0} can be reached from other machines")]
    Remote(SocketAddr),
    /// The system gives no thread, or nothing to wait for connections with.
    #[error("the broker can't be started: {0}")]
    System(io::Error),
}
