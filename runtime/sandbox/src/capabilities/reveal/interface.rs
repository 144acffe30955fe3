//! The interface that a component imports to read secrets.

/// The interface of the contract, with its version.
pub(crate) const INTERFACE: &str = "orchestration:auth/reveal@0.2.0";
