//! Profiles: named presets of how to reach a provider and where its key is.

use std::collections::BTreeMap;
use std::time::Duration;

use orchestration_egress::{HttpError, Proxy, SILENCE};
use orchestration_sandbox::GrantedFile;
use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, HttpOrigin, Issuer, is_loopback};

use crate::catalogue::{KeyHeader, KnownProvider, PROVIDERS};
use crate::named_values::NamedValues;
use crate::verify::VerifyConfig;

/// The auth type of a profile that sets none.
pub(crate) const DEFAULT_AUTH_TYPE: &str = "api_key";

/// The auth type of a profile whose server needs no credential.
pub const NO_AUTH_TYPE: &str = "none";

/// The provider of a profile that sets none: any that speaks OpenAI's protocol.
pub const DEFAULT_PROVIDER: &str = "openai";

/// Returns true if a profile can have this name: at most 64 letters, digits, `-`, `_`
/// and `.`, starting with a letter or a digit.
///
/// A name appears in messages, tables and TOML keys, and is typed in shells, so it must
/// need no quoting in any of them.
pub fn is_profile_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// A named preset, built in or from providers.toml.
///
/// ```
/// use orchestration_auth::ProviderProfile;
///
/// let profile = ProviderProfile {
///     base_url: Some("https://llm.corp.example/v1".parse()?),
///     api_key_env: Some("CORP_KEY".to_owned()),
///     ..ProviderProfile::new("corp")
/// };
/// assert_eq!(profile.auth_type, "api_key");
/// assert_eq!(profile.provider, "openai");
/// # Ok::<(), orchestration_support::url::InvalidUrl>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderProfile {
    /// The name in `[profiles.NAME]`.
    pub name: String,
    /// The kind of provider, e.g. `openai`.
    pub provider: String,
    /// The URL that requests go to; `None` for the provider's own.
    pub base_url: Option<BaseUrl>,
    /// The server that issues its tokens, if its strategy needs one.
    pub issuer: Option<Issuer>,
    /// The variable that contains the key; `None` if no key is needed, or if the
    /// strategy finds it elsewhere.
    pub api_key_env: Option<String>,
    /// The file that contains the key, if the variable does not.
    pub api_key_file: Option<GrantedFile>,
    /// Whether an agent may fall back to `OPENAI_API_KEY`.
    pub fallback_env: bool,
    /// Headers that every request carries.
    pub headers: NamedValues,
    /// The auth type, which picks the strategy.
    pub auth_type: String,
    /// The model of an agent that sets none.
    pub default_model: Option<String>,
    /// Whether a key may go to another machine over plain http.
    pub allow_http: bool,
    /// How long to wait for a connection, for data of an answer, and for the answer when
    /// a key is verified; `None` for the usual time of each.
    pub timeout: Option<Duration>,
    /// Options that only the strategy reads, sorted by name.
    pub options: NamedValues,
    /// How the provider verifies a key, if the profile describes it.
    pub verify: Option<VerifyConfig>,
}

impl ProviderProfile {
    /// Returns a profile of this name with the default for everything else.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            provider: DEFAULT_PROVIDER.to_owned(),
            base_url: None,
            issuer: None,
            api_key_env: None,
            api_key_file: None,
            fallback_env: true,
            headers: NamedValues::default(),
            auth_type: DEFAULT_AUTH_TYPE.to_owned(),
            default_model: None,
            allow_http: false,
            timeout: None,
            options: NamedValues::default(),
            verify: None,
        }
    }

    /// Returns the base URL of its requests: its own, or the documented one of its
    /// provider; `None` if neither is known.
    pub fn effective_base_url(&self) -> Option<BaseUrl> {
        let documented = || KnownProvider::named(&self.provider)?.base_url.parse().ok();
        self.base_url.clone().or_else(documented)
    }

    /// Returns true if its credential may be sent to the server of `url`: the one of its
    /// base URL, and over https, unless the server is on this machine or the profile allows
    /// plain http.
    pub fn serves(&self, url: &BaseUrl) -> bool {
        let is_private = url.expose().scheme() == "https" || is_loopback(url.expose());
        let base_url = self.effective_base_url();
        base_url.is_some_and(|own| HttpOrigin::of(&own) == HttpOrigin::of(url))
            && (is_private || self.allow_http)
    }

    /// Returns true if this is a built-in profile and no file changes it.
    pub(crate) fn is_built_in(&self) -> bool {
        Self::built_in().contains(self)
    }

    /// Returns true if requests may go to another machine over plain http: the profile
    /// allows it, or no secret would go with them. Headers may contain one, as may the
    /// URL.
    pub fn allows_plain_http(&self, with_key: bool) -> bool {
        let bare = |url: &BaseUrl| !url.displayed().hides_parts();
        let secrets = with_key
            || self.headers.iter().next().is_some()
            || !self.base_url.as_ref().is_some_and(bare);
        self.allow_http || !secrets
    }

    /// Returns the known provider that its requests go to: the one at its base URL, or
    /// the one that it names behind another host. `provider = "openai"` says little, since
    /// every server speaks that protocol.
    pub fn known_provider(&self) -> Option<&'static KnownProvider> {
        let base_url = self.effective_base_url();
        let at =
            PROVIDERS.iter().find(|known| base_url.as_ref().is_some_and(|url| known.is_at(url)));
        let named = || KnownProvider::named(&self.provider);
        if self.provider == DEFAULT_PROVIDER { at } else { at.or_else(named) }
    }

    /// Returns the header of a request that carries `key`, and its value: the bare key or
    /// `Bearer` and the key, as its provider wants it.
    ///
    /// ```
    /// use orchestration_auth::ProviderProfile;
    /// use orchestration_support::Secret;
    ///
    /// let anthropic = ProviderProfile {
    ///     provider: "anthropic".to_owned(),
    ///     ..ProviderProfile::new("claude")
    /// };
    /// let (name, value) = anthropic.key_header(&Secret::from("sk-ant-1234"));
    /// assert_eq!((name, value.expose()), ("x-api-key", "sk-ant-1234"));
    /// let corp = ProviderProfile::new("corp");
    /// let (name, value) = corp.key_header(&Secret::from("sk-1234"));
    /// assert_eq!((name, value.expose()), ("Authorization", "Bearer sk-1234"));
    /// ```
    pub fn key_header(&self, key: &Secret) -> (&str, Secret) {
        match self.carrier() {
            KeyHeader::Named(name) => (name, key.clone()),
            KeyHeader::Bearer => ("Authorization", format!("Bearer {}", key.expose()).into()),
        }
    }

    /// Returns the header in which its provider wants the bare key; `None` if it wants
    /// `Authorization` with `Bearer` and the key.
    pub fn bare_key_header(&self) -> Option<&str> {
        match self.carrier() {
            KeyHeader::Named(name) => Some(name),
            KeyHeader::Bearer => None,
        }
    }

    /// Returns the header that carries its key: what it says itself, or what is known of
    /// its provider.
    pub(crate) fn carrier(&self) -> KeyHeader<'_> {
        match &self.verify {
            Some(own) => own.header.as_deref().map_or(KeyHeader::Bearer, KeyHeader::Named),
            None => self.known_provider().map_or(KeyHeader::Bearer, |known| known.key),
        }
    }

    /// Returns how long its provider may be silent before a request fails.
    pub fn silence(&self) -> Duration {
        self.timeout.unwrap_or(SILENCE)
    }

    /// Returns the proxy that its requests take; `None` if they go directly, or if no URL
    /// is known.
    ///
    /// # Errors
    ///
    /// Fails as [`Proxy::of`] does.
    pub fn proxy(&self) -> Result<Option<Proxy>, HttpError> {
        self.effective_base_url().map_or(Ok(None), |url| Proxy::of(url.expose()))
    }

    /// Returns the profiles that exist without a providers.toml: those of the
    /// catalogue.
    pub fn built_in() -> Vec<Self> {
        let with_profile = PROVIDERS.iter().filter_map(|row| Some((row.profile?, row)));
        let profiles = with_profile.map(|(name, row)| {
            let headers = row.profile_headers.iter();
            let headers = headers.map(|(name, value)| ((*name).into(), (*value).into()));
            Self {
                // A profile without a URL means the default provider's own.
                base_url: row.base_url.parse().ok().filter(|_| row.name != DEFAULT_PROVIDER),
                api_key_env: row.variable().map(Into::into),
                headers: headers.collect::<BTreeMap<_, _>>().into(),
                ..Self::new(name)
            }
        });
        profiles.collect()
    }
}
