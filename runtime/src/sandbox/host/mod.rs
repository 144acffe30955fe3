//! What the host offers to strategies, one file an interface
//! of the contract, and one for WASI.

pub(super) mod environment;
pub(super) mod wasi;
