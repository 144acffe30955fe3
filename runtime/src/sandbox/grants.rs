//! What one call may reach.

/// The variables that one call may read, by exact name. Nothing else of the
/// environment is there for it: no prefix, no pattern, no inheritance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    /// Sorted, each once.
    environment: Vec<String>,
}

impl Grants {
    /// True where the variable of exactly this name is granted.
    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The place of this name among the granted ones; none where it is not.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.environment.binary_search_by(|granted| granted.as_str().cmp(name)).ok()
    }

    /// The granted variables, sorted.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.environment.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Grants {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut environment: Vec<String> = names.into_iter().map(Into::into).collect();
        environment.sort_unstable();
        environment.dedup();
        Self { environment }
    }
}
