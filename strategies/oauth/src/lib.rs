//! What the strategies that talk with OAuth servers share: the words for what goes wrong,
//! the description of an issuer, requests to its token endpoint, and the session. Those
//! that get a token without the user also share where their secret comes from
//! ([`supplied`]) and when a token is got again ([`minted`]).
//!
//! It is part of a strategy and has no rights of its own: it works on the names of secrets,
//! as every strategy does.

pub mod errors;
pub mod grant;
pub mod issuer;
pub mod minted;
pub mod options;
pub mod session;
mod strategy;
pub mod supplied;
pub mod tokens;

/// What `wit/` says, as Rust. A strategy maps its own bindings to these.
#[allow(missing_docs)]
pub mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "session-strategy", generate_all });
}
