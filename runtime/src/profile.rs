//! Profiles: named presets that say where a provider is and where its
//! credential is expected.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Headers;

use crate::VerifyConfig;

/// The auth type of a profile that names none.
pub(crate) const DEFAULT_AUTH_TYPE: &str = "api_key";

/// The kind of provider of a profile that names none: one that speaks the
/// protocol of OpenAI.
pub(crate) const DEFAULT_PROVIDER: &str = "openai";

/// How long a provider may be silent, where the profile says nothing: a large
/// model takes its time before the first word.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// Whether this can be the name of an environment variable: letters, digits and
/// underscores, no digit first, as POSIX has it for portable names.
pub fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether this can be the name of a profile: letters, digits, `-`, `_` and `.`,
/// a letter or a digit first, at most 64. It ends up in messages, tables and
/// TOML keys, and is typed in shells.
pub fn is_profile_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// A named preset, built in or from providers.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderProfile {
    /// The name in `[profiles.NAME]`.
    pub name: String,
    /// The kind of provider, e.g. `openai`.
    pub provider: String,
    /// The URL that requests go to; none for the provider's own.
    pub base_url: Option<String>,
    /// The variable that holds the key; none where no key is needed, or where
    /// the strategy knows by itself.
    pub api_key_env: Option<String>,
    /// Whether an agent may fall back to `OPENAI_API_KEY`.
    pub fallback_env: bool,
    /// Headers that every request carries.
    pub headers: Headers,
    /// The auth type, which picks the strategy.
    pub auth_type: String,
    /// The model of an agent that names none.
    pub default_model: Option<String>,
    /// Whether a key may go to another machine over plain http.
    pub allow_http: bool,
    /// How long a provider may be silent before a request counts as failed.
    pub timeout: Duration,
    /// Settings for the strategy alone, in the order of their names.
    pub options: BTreeMap<String, String>,
    /// How its provider is asked whether a key is good, where the profile says so.
    pub verify: Option<VerifyConfig>,
}

impl ProviderProfile {
    /// A profile of this name with everything else at its default.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            provider: DEFAULT_PROVIDER.to_owned(),
            base_url: None,
            api_key_env: None,
            fallback_env: true,
            headers: Headers::default(),
            auth_type: DEFAULT_AUTH_TYPE.to_owned(),
            default_model: None,
            allow_http: false,
            timeout: DEFAULT_TIMEOUT,
            options: BTreeMap::new(),
            verify: None,
        }
    }

    /// The profiles that need no providers.toml.
    pub fn built_in() -> Vec<Self> {
        let openai = Self { api_key_env: Some("OPENAI_API_KEY".into()), ..Self::new("openai") };
        let openrouter = Self {
            base_url: Some("https://openrouter.ai/api/v1".into()),
            api_key_env: Some("OPENROUTER_API_KEY".into()),
            // OpenRouter names the program by these in its usage pages, and wants
            // a URL; `.example` is nobody's (RFC 2606).
            headers: BTreeMap::from([
                ("HTTP-Referer".into(), "https://orchestration.example".into()),
                ("X-Title".into(), "orchestration".into()),
            ])
            .into(),
            ..Self::new("openrouter")
        };
        let local =
            Self { base_url: Some("http://localhost:11434/v1".into()), ..Self::new("local") };
        let gemini = Self {
            base_url: Some("https://generativelanguage.googleapis.com/v1beta/openai/".into()),
            api_key_env: Some("GEMINI_API_KEY".into()),
            ..Self::new("gemini")
        };
        vec![openai, openrouter, local, gemini]
    }
}
