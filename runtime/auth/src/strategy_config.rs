//! What providers.toml says of a strategy: `[strategies.AUTH_TYPE]`.

use orchestration_sandbox::{BUILT_IN, ComponentFile, Limits};

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

/// Whether this can be the name of an auth type: letters, digits, `-` and `_`,
/// a letter or a digit first, at most 64. It ends up in messages, tables and
/// TOML keys, and is typed in shells.
pub fn is_auth_type(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Returns true if a strategy of this executable serves this auth type.
pub fn is_built_in(auth_type: &str) -> bool {
    BUILT_IN.iter().any(|built_in| built_in.auth_type == auth_type)
}

/// Returns the auth types that strategies of this executable serve, sorted.
pub fn built_in_auth_types() -> impl Iterator<Item = &'static str> {
    BUILT_IN.into_iter().map(|built_in| built_in.auth_type)
}
