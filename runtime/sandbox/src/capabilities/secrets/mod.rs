//! The capability `secrets`: the named secrets of one call, and tools that work on them.
//!
//! A strategy that holds the text of a key can lose it: into a message, a log, a file
//! name, a request to the wrong host. Most strategies need no text. They have to say
//! which variable the key is in, which part of an answer is the token, and what goes in
//! front of it. So the host keeps every secret in a table, a strategy names them, and the
//! tools take names and return names.
//!
//! Nothing here needs a grant, because nothing comes back but whether a tool worked.
//! Even that says something about a secret, so no tool compares two secrets, and none
//! looks into a secret that the strategy made itself: if it did, a strategy could build
//! its guess around the secret and ask whether that is well-formed.

mod concat;
mod interface;
pub(crate) mod link;
mod table;

pub(crate) use interface::INTERFACE;
pub(crate) use table::{Broken, Held, Table};
