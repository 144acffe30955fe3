//! What a component imports to read variables.

/// The interface of the contract.
pub(crate) const INTERFACE: &str = "orchestration:auth/environment@0.1.0";
