//! The interface that a component imports to talk with servers.

/// The interface of the contract, with its version.
pub(crate) const INTERFACE: &str = "orchestration:auth/http@0.2.0";
