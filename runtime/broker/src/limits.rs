//! How much a client or a provider may ask of the broker.

use std::time::Duration;

/// The most headers of a request or an answer: as many as hyper reads without asking for
/// memory, which would be wiped for each of them.
pub(crate) const HEADERS: usize = 100;

/// The most bytes of the head of a request. Hyper wants room for at least one read.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// The most bytes of an answer that wait for a client, for each connection to a provider;
/// the head of the answer has to fit.
pub(crate) const UPSTREAM_BUFFER: usize = 128 << 10;

/// How long a client may take for the head of a request, and a connection may be idle.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a client may take nothing of an answer that waits for it.
pub(crate) const UNREAD_TIME: Duration = Duration::from_secs(60);

/// The most bytes of a request's body that are kept to send it once more.
pub(crate) const KEPT_BODY: usize = 1 << 20;

/// The most bytes of an error answer.
pub(crate) const ERROR_BYTES: usize = 64 << 10;

/// The most connections of clients that show the same pass.
pub(crate) const CONNECTIONS_PER_PASS: usize = 4096;
