//! Which question a profile's provider is asked, and where.
//!
//! The host of the base URL says best who is asked; `provider` in the profile is
//! for those who are reached by another one. `openai` there says little: it is
//! what every server speaks, so a profile with a URL of its own is asked as one of
//! which nothing else is known.

use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use url::Url;

use crate::catalogue::{COMPATIBLE, KeyHeader, KnownProvider, Location, PROVIDERS, Rule};
use crate::profile::DEFAULT_PROVIDER;
use crate::profile::ProviderProfile;
use orchestration_egress::{self as egress, HttpError};
use orchestration_support::Secret;

/// A question.
pub(super) struct Probe<'a> {
    /// Where it goes.
    pub(super) base_url: String,
    /// What is asked for, below the base URL.
    pub(super) path: &'a str,
    pub(super) key: KeyHeader<'a>,
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Whether it may be set up to take any key, and none.
    pub(super) may_be_open: bool,
    pub(super) rules: Cow<'static, [Rule]>,
}

impl<'a> Probe<'a> {
    /// The question for this profile; none where nothing is known of its provider,
    /// not even where it is.
    pub(super) fn of(profile: &'a ProviderProfile) -> Option<Self> {
        let (row, base_url) = row(profile)?;
        if let Some(own) = &profile.verify {
            return Some(Self {
                base_url: profile.base_url.clone().unwrap_or(base_url),
                path: &own.path,
                key: own.header.as_deref().map_or(KeyHeader::Bearer, KeyHeader::Named),
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

/// What is known of the profile's provider, and the base URL that it has there.
fn row(profile: &ProviderProfile) -> Option<(&'static KnownProvider, String)> {
    let named = || PROVIDERS.iter().find(|row| row.name == profile.provider);
    let Some(base_url) = &profile.base_url else {
        let row = named()?;
        return Some((row, row.location.documented(row.api)?));
    };
    if let Ok(url) = Url::parse(base_url)
        && let Some(row) = PROVIDERS.iter().find(|row| row.location.is(&url))
    {
        return Some((row, row.location.of(&url, row.api)));
    }
    let row = if profile.provider == DEFAULT_PROVIDER { None } else { named() };
    Some((row.unwrap_or(&COMPATIBLE), base_url.clone()))
}

impl Location {
    /// Whether `url` leads there.
    fn is(self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        match self {
            Self::Host(known) => host == known && url.port().is_none(),
            Self::Below(domain) => {
                host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
                    && url.port().is_none()
            }
            Self::Port(port) => egress::is_loopback(url) && url.port() == Some(port),
            Self::Anywhere => false,
        }
    }

    /// The base URL of the API with the path `api`, where `url` leads there.
    fn of(self, url: &Url, api: &str) -> String {
        match self {
            // Never plain http, whatever the profile says.
            Self::Host(_) | Self::Below(_) => {
                format!("https://{}{api}", url.host_str().unwrap_or_default())
            }
            Self::Port(_) | Self::Anywhere => {
                format!("{}{api}", url.origin().ascii_serialization())
            }
        }
    }

    /// The same where a profile names no URL; none where each has another one.
    fn documented(self, api: &str) -> Option<String> {
        match self {
            Self::Host(host) => Some(format!("https://{host}{api}")),
            Self::Port(port) => Some(format!("http://localhost:{port}{api}")),
            Self::Below(_) | Self::Anywhere => None,
        }
    }
}

impl KeyHeader<'_> {
    /// The header with the key in it.
    pub(super) fn carrying(self, key: &Secret) -> Result<(HeaderName, HeaderValue), HttpError> {
        match self {
            Self::Bearer => Ok((AUTHORIZATION, egress::bearer(key)?)),
            // Its name was looked at when it was read.
            Self::Named(name) => egress::header(name, key.expose()).map_err(|_| HttpError::Key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Probe;
    use crate::profile::ProviderProfile;

    /// What is asked for, and where, of a profile of this kind with this URL.
    fn asked(provider: &str, base_url: Option<&str>) -> Option<String> {
        let profile = ProviderProfile {
            provider: provider.to_owned(),
            base_url: base_url.map(str::to_owned),
            ..ProviderProfile::new("corp")
        };
        Probe::of(&profile).map(|probe| format!("{}{}", probe.base_url, probe.path))
    }

    #[test]
    fn a_host_that_looks_like_a_known_one_is_asked_as_a_stranger() {
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
    fn a_known_host_is_asked_in_its_own_way_whatever_the_profile_says_besides() {
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
    }

    #[test]
    fn a_provider_is_asked_at_the_host_of_the_profile() {
        let url = Some("https://gateway.example/deepseek");
        let balance = "https://gateway.example/deepseek/user/balance";
        assert_eq!(asked("deepseek", url).as_deref(), Some(balance));
        assert_eq!(asked("nobody", url), url.map(|url| format!("{url}/models")));
    }

    #[test]
    fn nobody_is_asked_where_it_is_not_known_who() {
        assert_eq!(asked("nobody", None), None);
        // Each customer has another host.
        assert_eq!(asked("azure", None), None);
    }
}
