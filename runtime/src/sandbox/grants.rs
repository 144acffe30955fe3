//! What one call may reach.

use std::collections::BTreeSet;

/// The variables that one call may read, by exact name. Nothing else of the
/// environment is there for it: no prefix, no pattern, no inheritance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    environment: BTreeSet<String>,
}

impl Grants {
    /// True where the variable of exactly this name is granted.
    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.environment.contains(name)
    }

    /// The granted variables, sorted.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.environment.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Grants {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self { environment: names.into_iter().map(Into::into).collect() }
    }
}
