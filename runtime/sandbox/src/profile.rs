//! The profile that a strategy is called for.

use std::fmt;

use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, Issuer};

/// A profile as the contract defines it. It borrows its texts, so that a call copies
/// nothing.
#[derive(Clone, Copy)]
pub struct Profile<'a> {
    /// The name in `[profiles.NAME]`.
    pub name: &'a str,
    /// The kind of provider, e.g. `openai`.
    pub provider: &'a str,
    /// The base URL for requests; `None` for the provider's own. The strategy sees it
    /// without secrets.
    pub base_url: Option<&'a BaseUrl>,
    /// The server that issues its tokens.
    pub issuer: Option<&'a Issuer>,
    /// The variable that the profile names for its key.
    pub api_key_env: Option<&'a str>,
    /// The path of the file that the profile names for its key, which is absolute.
    pub api_key_file: Option<&'a str>,
    /// The variable to use if there is no other credential.
    pub fallback_env: Option<&'a str>,
    /// `[profiles.NAME.options]`, verbatim.
    pub options: &'a [(&'a str, &'a str)],
}

impl Profile<'_> {
    /// Returns the texts that a strategy sees of it and that may be secret: the options'
    /// values. An option that names a variable, such as `CORP_TOKEN`, is not secret: a
    /// denial has to show it. Nor is an endpoint, which is where requests go, or the path of a
    /// file.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let is_secret = |(name, value): &&(&str, &str)| {
            let is_place = ["_endpoint", "_file"].iter().any(|end| name.ends_with(end));
            !is_place && !is_name_of_variable(value)
        };
        let options = self.options.iter().filter(is_secret);
        options.map(|(_, value)| Secret::from(*value)).collect()
    }
}

/// Returns true for words in upper case, joined by `_`.
fn is_name_of_variable(value: &str) -> bool {
    value.contains('_')
        && value.starts_with(|first: char| first.is_ascii_uppercase())
        && value.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
}

/// Prints neither the base URL nor the options' values, which may be secret.
impl fmt::Debug for Profile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options: Vec<&str> = self.options.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Profile")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .field("issuer", &self.issuer)
            .field("api_key_env", &self.api_key_env)
            .field("api_key_file", &self.api_key_file)
            .field("fallback_env", &self.fallback_env)
            .field("options", &options)
            .finish_non_exhaustive()
    }
}
