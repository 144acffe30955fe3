//! What one call may reach.

use crate::capabilities::environment;

/// A kind of thing that a strategy can be granted by name. Adding one touches its
/// directory in `capabilities/` and this list, which the compiler holds the rest to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
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

    /// Returns true if something of this name can be granted at all.
    pub fn can_grant(self, name: &str) -> bool {
        match self {
            Self::Environment => environment::is_variable_name(name),
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
    /// Grants the variable of exactly this name.
    pub fn variable(name: impl Into<String>) -> Self {
        Self { capability: Capability::Environment, name: name.into() }
    }
}

/// All that one call may reach, by exact name: no prefix, no pattern, no
/// inheritance.
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
    pub(crate) environment: environment::VariableGrants,
}

impl Grants {
    /// Returns true if exactly this is granted.
    pub fn has(&self, grant: &Grant) -> bool {
        match grant.capability {
            Capability::Environment => self.environment.place(&grant.name).is_some(),
        }
    }

    /// Returns the names of all grants, sorted within each capability.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.environment.names()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        let mut variables = Vec::new();
        for Grant { capability, name } in grants {
            match capability {
                Capability::Environment => variables.push(name),
            }
        }
        Self { environment: environment::VariableGrants::new(variables) }
    }
}
