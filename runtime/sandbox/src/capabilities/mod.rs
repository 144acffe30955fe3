//! What the host offers to strategies, one directory per capability.
//!
//! Each has the same inner shape: `mod.rs` says what it is, `interface.rs` names
//! what a component imports for it, `grant.rs` what a grant is and its key in
//! TOML, `link.rs` connects it to the guest, and the remaining file holds what the
//! host keeps for it during a call.

pub(crate) mod environment;
pub(crate) mod wasi;
