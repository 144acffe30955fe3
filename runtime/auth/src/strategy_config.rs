//! The configuration of a strategy: `[strategies.AUTH_TYPE]` in providers.toml.

use orchestration_sandbox::{BUILT_IN, BuiltIn, Grant, Keeps, Limits};
use orchestration_support::url::HttpOrigin;

use crate::component::Component;

/// One `[strategies.AUTH_TYPE]`. For a built-in strategy it adds grants and changes
/// limits only.
///
/// ```
/// use orchestration_auth::{ProvidersToml, StrategyConfig};
/// use orchestration_sandbox::Limits;
///
/// let config = StrategyConfig {
///     auth_type: "api_key".to_owned(),
///     component: None,
///     env: vec!["CORP_KEY".to_owned()],
///     files: Vec::new(),
///     origins: Vec::new(),
///     readable: Vec::new(),
///     reveal: false,
///     limits: Limits::default(),
/// };
/// let providers = ProvidersToml::built_in().with_strategy(config);
/// let granted = providers.strategies().flat_map(|strategy| &strategy.env);
/// assert!(granted.eq(["CORP_KEY"]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyConfig {
    /// The auth type by which profiles pick it.
    pub auth_type: String,
    /// The component; `None` for a built-in strategy.
    pub component: Option<Component>,
    /// The variables whose text it is granted.
    pub env: Vec<String>,
    /// The files that it may take, by absolute path.
    pub files: Vec<String>,
    /// The servers that it may send requests to.
    pub origins: Vec<HttpOrigin>,
    /// JSON pointers to the texts that it may read in their answers, besides public ones.
    pub readable: Vec<String>,
    /// Whether it may read the text of every secret.
    pub reveal: bool,
    /// The limits of each call.
    pub limits: Limits,
}

impl StrategyConfig {
    /// Returns what it is granted, besides what a profile names.
    pub fn grants(&self) -> impl Iterator<Item = Grant> {
        let reveal = self.reveal.then(Grant::reveal);
        let files = self.files.iter().map(Grant::file);
        let origins = self.origins.iter().map(Grant::origin);
        let readable = self.readable.iter().map(Grant::readable);
        let env = self.env.iter().map(Grant::variable);
        env.chain(files).chain(origins).chain(readable).chain(reveal)
    }
}

/// Returns true if an auth type can have this name: at most 64 letters, digits, `-` and
/// `_`, starting with a letter or a digit.
///
/// A name appears in messages, tables and TOML keys, and is typed in shells, so it must
/// need no quoting in any of them.
pub fn is_auth_type(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Returns true if a built-in strategy serves this auth type.
pub fn is_built_in(auth_type: &str) -> bool {
    BUILT_IN.iter().any(|built_in| built_in.auth_type == auth_type)
}

/// Returns true if a built-in strategy serves this auth type that shows what the profile
/// has to its `issuer`, and gets what the provider is shown.
pub fn gets_tokens(auth_type: &str) -> bool {
    let gets = |built_in: &BuiltIn| !matches!(built_in.keeps, Keeps::Nothing | Keeps::StoredKey);
    BUILT_IN.iter().any(|built_in| built_in.auth_type == auth_type && gets(built_in))
}

/// Returns the auth types that built-in strategies serve, sorted.
pub fn built_in_auth_types() -> impl Iterator<Item = &'static str> {
    BUILT_IN.into_iter().map(|built_in| built_in.auth_type)
}

/// Returns true if the strategy of this auth type is built in, and for one server.
pub(crate) fn has_service(auth_type: &str) -> bool {
    let of = |built_in: &BuiltIn| built_in.auth_type == auth_type && built_in.service.is_some();
    BUILT_IN.iter().any(of)
}
