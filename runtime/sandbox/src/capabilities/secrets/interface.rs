//! The interface that a component imports to work on secrets.

/// The interface of the contract, with its version.
pub(crate) const INTERFACE: &str = "orchestration:auth/secrets@0.2.0";
