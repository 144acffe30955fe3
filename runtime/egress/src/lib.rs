//! HTTP for every request that carries a key.
//!
//! A key leaks when a request goes to another host than it was meant for, or can
//! be read on the way. HTTP clients follow redirects, and use plain http if a URL
//! says so; this crate refuses both. An [`Endpoint`] is bound to one origin when it
//! is made, and sends to no other: it follows no redirect, uses plain http only to
//! this machine unless the caller allows it, and takes its proxy from the
//! environment, except for this machine. A URL with the placeholder of a preset is no
//! endpoint. A [`Connector`] opens bare connections to one origin by the same rules. Errors name the URL as a
//! [`DisplayUrl`](orchestration_support::url::DisplayUrl) shows it.
//!
//! Nothing is set up before the first [`Endpoint`]: most commands need none.

mod cause;
mod connector;
mod endpoint;
mod error;
mod header;
mod proxy;
mod retry_after;
mod tls;

pub use connector::{Connection, Connector, Stream};
pub use endpoint::{Endpoint, SILENCE};
pub use error::HttpError;
pub use header::{bare, basic, bearer, header, secrets};
pub use proxy::Proxy;
pub use retry_after::retry_after;
