//! Chooses the request that verifies the key of a profile.
//!
//! The host of the base URL identifies the provider best; `provider` in the profile
//! is for providers behind another host, e.g. a gateway. `provider = "openai"` says
//! little, since every server speaks that protocol: a profile with its own base URL
//! is treated as a server about which nothing else is known.

use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use crate::catalogue::{COMPATIBLE, KeyHeader, KnownProvider, PROVIDERS, Rule};
use crate::profile::DEFAULT_PROVIDER;
use crate::profile::ProviderProfile;
use orchestration_egress::{self as egress, HttpError};
use orchestration_support::Secret;
use orchestration_support::url::BaseUrl;

/// A request that verifies a key, and what its answers mean.
pub(super) struct Probe<'a> {
    /// The base URL that the request goes to.
    pub(super) base_url: BaseUrl,
    /// The path of the request, below the base URL.
    pub(super) path: &'a str,
    pub(super) key: KeyHeader<'a>,
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Whether the server may be configured to accept any key, or none.
    pub(super) may_be_open: bool,
    pub(super) rules: Cow<'static, [Rule]>,
}

impl<'a> Probe<'a> {
    /// Returns the probe for this profile; `None` if nothing is known about its
    /// provider, not even a host.
    pub(super) fn of(profile: &'a ProviderProfile) -> Option<Self> {
        let (row, base_url) = row(profile)?;
        if let Some(own) = &profile.verify {
            return Some(Self {
                base_url: profile.base_url.clone().unwrap_or(base_url),
                path: &own.path,
                key: profile.carrier(),
                headers: &[],
                may_be_open: false,
                rules: own.rules().into(),
            });
        }
        Some(Self {
            base_url,
            path: row.probe,
            key: row.key,
            headers: row.headers,
            may_be_open: row.may_be_open,
            rules: row.rules.into(),
        })
    }
}

/// Returns what is known about the profile's provider, with its base URL.
fn row(profile: &ProviderProfile) -> Option<(&'static KnownProvider, BaseUrl)> {
    let named = || PROVIDERS.iter().find(|row| row.name == profile.provider);
    let Some(base_url) = &profile.base_url else {
        let row = named()?;
        return Some((row, row.documented_base_url()?));
    };
    if let Some(known) = PROVIDERS.iter().find_map(|row| Some((row, row.base_url_at(base_url)?))) {
        return Some(known);
    }
    let row = if profile.provider == DEFAULT_PROVIDER { None } else { named() };
    Some((row.unwrap_or(&COMPATIBLE), base_url.clone()))
}

impl KeyHeader<'_> {
    /// Returns the header that carries the key.
    pub(super) fn carrying(self, key: &Secret) -> Result<(HeaderName, HeaderValue), HttpError> {
        match self {
            Self::Bearer => Ok((AUTHORIZATION, egress::bearer(key)?)),
            // The name was checked when providers.toml was read, so only the key can fail.
            Self::Named(name) => egress::header(name, key.expose()).map_err(|_| HttpError::Key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Probe;
    use crate::profile::ProviderProfile;

    /// Returns the URL of the request for a profile of this provider and base URL.
    fn asked(provider: &str, base_url: Option<&str>) -> Option<String> {
        let profile = ProviderProfile {
            provider: provider.to_owned(),
            base_url: base_url.and_then(|url| url.parse().ok()),
            ..ProviderProfile::new("corp")
        };
        Probe::of(&profile).map(|probe| format!("{}{}", probe.base_url.expose(), probe.path))
    }

    #[test]
    fn a_lookalike_host_is_treated_as_unknown() {
        for url in [
            "https://api.openai.com.evil.example/v1",
            "https://api.openai.com@evil.example/v1",
            "https://evil.example/api.openai.com/v1",
            "https://xapi.openai.com/v1",
            "https://api.openai.com:8443/v1",
            "https://evilopenai.azure.com/v1",
            "https://openai.azure.com/v1",
            "http://localhost.evil.example:8000/v1",
        ] {
            assert_eq!(asked("openai", Some(url)), Some(format!("{url}/models")));
        }
    }

    #[test]
    fn a_known_host_gets_its_own_request_whatever_the_profile_says() {
        let me = Some("https://api.openai.com/v1/me".to_owned());
        for (provider, url) in [
            ("openai", None),
            ("openai", Some("https://api.openai.com")),
            ("openai", Some("https://API.OpenAI.com/v1/")),
            ("openai", Some("http://api.openai.com/v1")),
            ("groq", Some("https://api.openai.com:443/v2")),
        ] {
            assert_eq!(asked(provider, url), me, "{provider} {url:?}");
        }
        let models = Some("http://localhost:1234/v1/models".to_owned());
        for url in [None, Some("http://localhost:1234"), Some("http://LOCALHOST:1234/v2")] {
            assert_eq!(asked("lmstudio", url), models, "{url:?}");
        }
        let models = Some("https://corp.openai.azure.com/openai/v1/models".to_owned());
        assert_eq!(asked("openai", Some("http://corp.openai.azure.com")), models);
    }

    #[test]
    fn the_request_goes_to_the_host_of_the_profile() {
        let url = Some("https://gateway.example/deepseek");
        let balance = "https://gateway.example/deepseek/user/balance";
        assert_eq!(asked("deepseek", url).as_deref(), Some(balance));
        assert_eq!(asked("unknown", url), url.map(|url| format!("{url}/models")));
    }

    #[test]
    fn an_unknown_host_is_never_asked() {
        assert_eq!(asked("unknown", None), None);
        // Each customer has a different host.
        assert_eq!(asked("azure", None), None);
    }
}
