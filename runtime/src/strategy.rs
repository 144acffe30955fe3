//! What providers.toml says of a strategy: `[strategies.AUTH_TYPE]`.

use std::path::{Path, PathBuf};

use crate::sandbox::{self, Limits, LoadError};

/// One `[strategies.AUTH_TYPE]`. For the auth type of a built-in strategy it
/// only adds to its grants and changes its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyConfig {
    /// The auth type by which profiles ask for it.
    pub auth_type: String,
    /// The component; none for a built-in strategy.
    pub component: Option<ComponentFile>,
    /// Variables that it is granted besides those that a profile names.
    pub env: Vec<String>,
    /// What a call of it may use up.
    pub limits: Limits,
}

/// A component on disk, and what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The SHA-256 that it must have, in lower-case hexadecimal. A file that
    /// was exchanged since the user looked at it is not run.
    pub sha256: String,
}

impl ComponentFile {
    /// The component that lies at `path` now.
    ///
    /// # Errors
    ///
    /// Fails where it can't be read, or is larger than the default limit.
    pub fn at(path: &Path) -> Result<Self, LoadError> {
        let component = sandbox::read(path, Limits::default().component_bytes)?;
        Ok(Self { path: path.to_owned(), sha256: component.sha256 })
    }
}

/// Whether this can be the name of an auth type: letters, digits, `-` and `_`,
/// a letter or a digit first, at most 64. It ends up in messages, tables and
/// TOML keys, and is typed in shells.
pub fn is_auth_type(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}
