//! What one call may reach.

use crate::capabilities::environment;

/// Declares [`Capability`] together with the list of its variants, so that the two
/// cannot disagree.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident,)+) => {
        /// A kind of thing that a strategy can be granted by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Capability {
            $($(#[$doc])* $variant,)+
        }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

// The one list of capabilities: see `capabilities/mod.rs`, "Adding a capability".
capabilities! {
    /// A variable of the host's environment.
    Environment,
}

impl Capability {
    /// Returns the key of `[strategies.NAME]` that lists its grants.
    pub fn toml_key(self) -> &'static str {
        match self {
            Self::Environment => environment::TOML_KEY,
        }
    }

    /// Returns true if `name` can be granted at all.
    pub fn can_grant(self, name: &str) -> bool {
        match self {
            Self::Environment => environment::is_variable_name(name),
        }
    }

    /// Returns the interface that a component imports to use it.
    pub(crate) fn interface(self) -> &'static str {
        match self {
            Self::Environment => environment::INTERFACE,
        }
    }
}

/// One thing that one strategy may reach, by exact name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The kind of thing.
    pub capability: Capability,
    /// Its exact name.
    pub name: String,
}

impl Grant {
    /// Grants the variable with exactly this name.
    pub fn variable(name: impl Into<String>) -> Self {
        Self { capability: Capability::Environment, name: name.into() }
    }
}

/// Everything that one call may reach, by exact name. There are no prefixes, no
/// patterns and no inheritance.
///
/// ```
/// use orchestration_sandbox::{Grant, Grants};
///
/// let grants: Grants = [Grant::variable("CORP_TOKEN")].into_iter().collect();
/// assert!(grants.has(&Grant::variable("CORP_TOKEN")));
/// assert!(!grants.has(&Grant::variable("CORP_TOKEN_2")));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Sorted, without duplicates.
    sorted: Vec<Grant>,
}

impl Grants {
    /// Returns true if exactly this is granted.
    pub fn has(&self, grant: &Grant) -> bool {
        self.position(grant.capability, &grant.name).is_some()
    }

    /// Returns the names of all grants, sorted within each capability.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sorted.iter().map(|grant| grant.name.as_str())
    }

    /// Returns the names granted within `capability`, sorted.
    pub(crate) fn of(&self, capability: Capability) -> impl Iterator<Item = &str> {
        let grants = self.sorted.iter().filter(move |grant| grant.capability == capability);
        grants.map(|grant| grant.name.as_str())
    }

    /// Returns the name of the grant at `position`.
    pub(crate) fn name(&self, position: usize) -> Option<&str> {
        self.sorted.get(position).map(|grant| grant.name.as_str())
    }

    /// Returns the position of this grant, which is the same throughout a call.
    pub(crate) fn position(&self, capability: Capability, name: &str) -> Option<usize> {
        let order =
            |grant: &Grant| (grant.capability, grant.name.as_str()).cmp(&(capability, name));
        self.sorted.binary_search_by(order).ok()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        let mut sorted: Vec<Grant> = grants.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self { sorted }
    }
}
