//! A profile to be written to providers.toml, and what is left for the user to do.

use orchestration_runtime::{BaseUrl, KnownProvider};
use toml_edit::TableLike;

use crate::config::entry;

/// The values of the new entry.
#[derive(Debug, Default)]
pub(crate) struct NewProfile {
    pub(crate) base_url: Option<String>,
    pub(crate) api_key_env: Option<String>,
    pub(crate) api_key_file: Option<String>,
    pub(crate) auth_type: Option<String>,
    /// `None` for the usual protocol.
    pub(crate) provider: Option<&'static str>,
    /// Whether agents may fall back to OpenAI's key. Never for a preset, which is
    /// another company's host.
    pub(crate) fallback_env: Option<bool>,
}

impl NewProfile {
    /// Returns a profile for a known provider. A server on this machine needs a key only if
    /// someone set one up, so its profile names no variable.
    pub(crate) fn of_preset(known: &KnownProvider) -> Self {
        let needs_key = !known.base_url.starts_with("http://");
        Self {
            base_url: Some(known.base_url.to_owned()),
            api_key_env: known.variable().filter(|_| needs_key).map(str::to_owned),
            provider: (!known.speaks_openai).then_some(known.name),
            fallback_env: Some(false),
            ..Self::default()
        }
    }

    /// Writes the values into the table of the entry.
    pub(crate) fn write(&self, table: &mut dyn TableLike) {
        let texts = [
            ("base_url", &self.base_url),
            ("api_key_env", &self.api_key_env),
            ("api_key_file", &self.api_key_file),
            ("auth_type", &self.auth_type),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                entry::set(table, key, text);
            }
        }
        if let Some(provider) = self.provider {
            entry::set(table, "provider", provider);
        }
        if let Some(fallback_env) = self.fallback_env {
            table.insert("fallback_env", toml_edit::value(fallback_env));
        }
    }

    /// Returns a line for each thing that the user has to do before the profile `name` can
    /// be used.
    pub(crate) fn next_steps(&self, name: &str, known: Option<&KnownProvider>) -> String {
        let mut steps = match (&self.api_key_env, &self.api_key_file) {
            (Some(variable), _) => {
                format!("  Set its key with: export {variable}=your-key-here\n")
            }
            (None, Some(path)) => format!("  Write its key into {path}\n"),
            (None, None) => format!("  Check it with: orchestration auth login {name}\n"),
        };
        let page = known.and_then(|known| known.key_page);
        if let (Some(page), Some(_)) = (page, &self.api_key_env) {
            steps += &format!("  Make a key at: {page}\n");
        }
        let url: Option<BaseUrl> = self.base_url.as_deref().and_then(|url| url.parse().ok());
        if let Some(placeholder) = url.as_ref().and_then(BaseUrl::placeholder) {
            steps += &format!(
                "  Replace {placeholder} in its URL by your own: orchestration profile edit\n"
            );
        }
        steps
    }
}
