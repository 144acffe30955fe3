//! The interface that a component imports to take files.

/// The interface of the contract, with its version.
pub(crate) const INTERFACE: &str = "orchestration:auth/files@0.2.0";
