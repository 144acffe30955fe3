//! The capability `secrets`: the named secrets of one call, and tools that work on them.
//!
//! A strategy that holds the text of a key can lose it: into a message, a log, a file
//! name, a request to the wrong host. Most strategies need no text. They have to say
//! which variable the key is in, which part of an answer is the token, and what goes in
//! front of it. So the host keeps every secret in a table, a strategy names them, and the
//! tools take names and return names.
//!
//! Nothing here needs a grant, because nothing comes back but whether a tool worked, and
//! the claims of a JWT, which are no secret. Even that says something about a secret, so
//! no tool compares two secrets, and none looks into a secret that a tool made, or takes
//! it for a key: a strategy could build its guess around the secret and ask whether the
//! result is well-formed.
//!
//! A tool runs on the async thread, and the time of a call is checked when it returns. So
//! what a tool reads is bounded: 1 MiB by the table, 64 KiB for a JWT.

mod base64;
mod claims;
mod concat;
mod failed;
mod interface;
pub(crate) mod link;
mod pick;
mod random;
mod roots;
mod sign;
mod table;

pub(crate) use interface::INTERFACE;
pub(crate) use roots::Roots;
pub use table::Origin;
pub(crate) use table::{Broken, Held, Table};
