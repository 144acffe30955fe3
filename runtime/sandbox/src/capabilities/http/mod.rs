//! The capability `http`: requests to the servers that a strategy is granted.
//!
//! A strategy that signs in to a server, or exchanges one token for another, says which
//! secret goes into which part of a request, and which part of the answer becomes which
//! secret. The host puts them in and takes them out. So a strategy can be run that no one
//! would trust with a token, and a mistake in it loses none: into a log, a message, a URL,
//! or a request to the wrong host.
//!
//! What can go wrong beyond the strategy is ruled out here too. A server is granted by its
//! exact origin; any other is denied, and so a redirect is an error. There is no cookie,
//! and no header that names another server or another length than the connection has.
//! Requests and answers are bounded in size, number and time; while it waits, a strategy
//! holds up neither a thread nor other calls.
//!
//! Reading is no way around: [`public`] says which texts are meant for everyone. A text that
//! repeats a secret, as descriptions of errors sometimes do, ends the request with an error.
//! What cannot be closed is that a granted server sees what it is sent, and can tell it to
//! the strategy a digit at a time.
//!
//! Only `refresh-if-needed` sends. Everything else that a strategy is asked, it answers from
//! what is on this machine: so a table of all profiles needs no network, and takes no longer
//! than the strategies do.
//!
//! [`transport`] is how requests leave: the sandbox opens no connection itself.

mod answer;
mod body;
mod fault;
mod grant;
mod interface;
pub(crate) mod link;
mod per_call;
mod public;
mod request;
#[cfg(test)]
mod tests;
mod transport;

pub use grant::is_readable;
pub(crate) use grant::{MAX_ORIGIN, MAX_POINTER, READABLE_TOML_KEY, TOML_KEY, is_origin};
pub(crate) use interface::INTERFACE;
pub(crate) use per_call::Requests;
pub use public::is_public_text;
pub use transport::{HttpAnswer, HttpFault, HttpRequest, Transport};
