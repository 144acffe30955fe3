//! What every layer of `orchestration` shares and what knows none of them:
//! secrets and their redaction, owner-only files, digests, suggestions.

pub mod digest;
pub mod owner_only;
pub mod redact;
mod secret;
pub mod suggest;

pub use secret::Secret;
