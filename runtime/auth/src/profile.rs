//! Profiles: named presets that say where a provider is and where its
//! credential is expected.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::catalogue::PROVIDERS;
use crate::headers::Headers;
use crate::verify::VerifyConfig;

/// The auth type of a profile that names none.
pub(crate) const DEFAULT_AUTH_TYPE: &str = "api_key";

/// The kind of provider of a profile that names none: one that speaks the
/// protocol of OpenAI.
pub const DEFAULT_PROVIDER: &str = "openai";

/// How long a provider may be silent, where the profile says nothing: a large
/// model takes its time before the first word.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

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

    /// Returns the profiles that need no providers.toml: those of the catalogue.
    pub fn built_in() -> Vec<Self> {
        let with_profile = PROVIDERS.iter().filter_map(|row| Some((row.profile?, row)));
        let profiles = with_profile.map(|(name, row)| {
            let headers = row.profile_headers.iter();
            let headers = headers.map(|(name, value)| ((*name).into(), (*value).into()));
            Self {
                // The default provider's own URL is what a profile without one means.
                base_url: (row.name != DEFAULT_PROVIDER).then(|| row.base_url.into()),
                api_key_env: row.variable().map(Into::into),
                headers: headers.collect::<BTreeMap<_, _>>().into(),
                ..Self::new(name)
            }
        });
        profiles.collect()
    }
}
