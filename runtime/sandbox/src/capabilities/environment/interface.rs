//! The interface that a component imports to read variables.

/// The interface of the contract, with its version.
pub(crate) const INTERFACE: &str = "orchestration:auth/environment@0.2.0";
