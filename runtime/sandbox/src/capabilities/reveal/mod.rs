//! The capability `reveal`: the text of secrets.
//!
//! Some strategies have to see a secret, e.g. to sign a request in a way that the host
//! does not know. That is a grant of its own, for all secrets of a call: one secret that
//! is read can be put into the next.

mod grant;
mod interface;
pub(crate) mod link;

pub(crate) use grant::{NAME, TOML_KEY};
pub(crate) use interface::INTERFACE;
