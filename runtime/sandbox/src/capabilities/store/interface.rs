//! The interface that a component imports to keep a session.

/// The interface that a component imports to keep a session, with its version.
pub const INTERFACE: &str = "orchestration:auth/store@0.2.0";
