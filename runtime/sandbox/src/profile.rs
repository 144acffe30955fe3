//! The profile that a strategy is called for.

/// A profile as the contract defines it. It borrows its texts, so that a call copies
/// nothing.
#[derive(Debug, Clone, Copy)]
pub struct Profile<'a> {
    /// The name in `[profiles.NAME]`.
    pub name: &'a str,
    /// The kind of provider, e.g. `openai`.
    pub provider: &'a str,
    /// The base URL for requests; `None` for the provider's own.
    pub base_url: Option<&'a str>,
    /// The variable that the profile names for its key.
    pub api_key_env: Option<&'a str>,
    /// The variable to use if that one is not set.
    pub fallback_env: Option<&'a str>,
    /// `[profiles.NAME.options]`, verbatim.
    pub options: &'a [(&'a str, &'a str)],
}
