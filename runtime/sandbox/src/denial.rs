//! Requests outside the grants.

use crate::grants::{Capability, Grant};

/// Something that a strategy asked for and was not granted.
///
/// ```
/// use orchestration_sandbox::{Capability, Denial, Grant};
///
/// let denial = |wanted: &str| Denial {
///     capability: Capability::Environment,
///     wanted: wanted.to_owned(),
/// };
/// // The grant that would have allowed it; its TOML key is `env`.
/// let grant = denial("CORP_TOKEN").grant();
/// assert_eq!(grant, Some(Grant::variable("CORP_TOKEN")));
/// assert_eq!(Capability::Environment.toml_key(), "env");
/// // A strategy may ask for anything, but only variable names can be granted.
/// assert_eq!(denial("not a name").grant(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denial {
    /// The kind of thing.
    pub capability: Capability,
    /// Its name, sanitized.
    pub wanted: String,
}

impl Denial {
    /// Returns the grant that would have allowed it, or `None` if this name cannot be
    /// granted.
    pub fn grant(&self) -> Option<Grant> {
        let name = self.wanted.clone();
        self.capability.can_grant(&name).then_some(Grant { capability: self.capability, name })
    }
}
