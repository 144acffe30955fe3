//! Asks outside the grants.

use crate::grants::{Capability, Grant};

/// Something that a strategy asked for and was not granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denial {
    /// The kind of thing.
    pub capability: Capability,
    /// Its name, sanitized: a strategy may ask for anything.
    pub wanted: String,
}

impl Denial {
    /// Returns the grant that would have allowed it; `None` if nothing of this name
    /// can be granted.
    pub fn grant(&self) -> Option<Grant> {
        let name = self.wanted.clone();
        self.capability.can_grant(&name).then_some(Grant { capability: self.capability, name })
    }
}
