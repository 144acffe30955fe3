//! What a grant of a variable is.

/// The key of `[strategies.NAME]` that lists the granted variables.
pub(crate) const TOML_KEY: &str = "env";

/// Returns true if this can be the name of an environment variable: letters,
/// digits and underscores, no digit first, as POSIX has it for portable names.
pub fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The variables that one call may read, by exact name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct VariableGrants {
    /// Sorted, each once.
    names: Vec<String>,
}

impl VariableGrants {
    pub(crate) fn new(mut names: Vec<String>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self { names }
    }

    /// Returns the position of this name among the granted ones.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.names.binary_search_by(|granted| granted.as_str().cmp(name)).ok()
    }

    /// Returns the granted variables, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}
