//! Gateways that other clients of a provider use, and a profile does not.
//!
//! Someone whose tools all go through a company's gateway has set a variable such as
//! `OPENAI_BASE_URL`, and put the gateway's key into `OPENAI_API_KEY`. A profile follows
//! no variable, only the base URL in its own table, so it would send the gateway's key to
//! the provider.

use orchestration_sandbox::Environment;
use orchestration_support::url::{BaseUrl, InvalidUrl};

use crate::catalogue::{COMPATIBLE, KnownProvider};
use crate::profile::{DEFAULT_PROVIDER, ProviderProfile};
use crate::providers_toml::{Field, Origin, ProvidersToml};

/// The variable of OpenAI's clients, which those of many other providers read as well.
const OPENAI_BASE_URL: &str = "OPENAI_BASE_URL";

/// A variable that leads the clients of a provider to a gateway, and the profile that
/// sends the same key to the provider itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredGateway<'a> {
    /// The profile.
    pub profile: &'a ProviderProfile,
    /// Where its requests go.
    pub here: BaseUrl,
    /// The variable.
    pub variable: &'static str,
    /// The gateway, or why the variable has no URL.
    pub gateway: Result<Gateway, InvalidUrl>,
}

/// A gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// The URL in the variable.
    pub url: BaseUrl,
    /// The base URL with which a profile goes there too.
    pub base_url: BaseUrl,
}

impl ProvidersToml {
    /// Returns the gateway in `environment` that the profile ignores; `None` if there is
    /// none, or if it is none of the profile's business:
    ///
    /// - its requests go to another provider, or to a gateway already,
    /// - its key is not in a variable that the provider's clients read, or
    /// - a file sets the base URL of this built-in profile, so the user has decided.
    pub fn ignored_gateway<'a>(
        &self,
        profile: &'a ProviderProfile,
        environment: &Environment,
    ) -> Option<IgnoredGateway<'a>> {
        let provider = profile.known_provider()?;
        let here = profile.effective_base_url()?;
        let key = profile.api_key_env.as_deref()?;
        let is_decided = provider.profile == Some(&profile.name)
            && matches!(self.origin(&profile.name, Field::BaseUrl), Origin::Written(_));
        if !provider.is_at(&here) || !provider.variables.contains(&key) || is_decided {
            return None;
        }
        let gateways = provider.own_base_url_variables().filter_map(|variable| {
            let text = environment.get(variable)?.into_string().ok()?;
            let text = text.trim();
            (!text.is_empty())
                .then(|| (variable, text.parse().map(|url| provider.gateway(variable, url))))
        });
        let mut elsewhere = gateways.filter(|(_, gateway)| !leads_to(gateway, &here));
        let (variable, gateway) = elsewhere.next()?;
        Some(IgnoredGateway { profile, here, variable, gateway })
    }
}

/// Returns true if the gateway is the host that requests go to anyway.
fn leads_to(gateway: &Result<Gateway, InvalidUrl>, here: &BaseUrl) -> bool {
    gateway.as_ref().is_ok_and(|gateway| gateway.url.expose().host() == here.expose().host())
}

/// The variables by which a client of a profile can be led elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientVariables {
    /// The variable of the base URL.
    pub base_url: &'static str,
    /// The variable of the key.
    pub key: &'static str,
    /// The part of the profile's base URL that comes before the path which the clients add;
    /// `None` if no base URL is known.
    pub root: Option<BaseUrl>,
}

impl ProviderProfile {
    /// Returns the variables that the clients of its provider read; those of OpenAI's clients
    /// for a server of which nothing is known.
    ///
    /// ```
    /// use orchestration_auth::ProvidersToml;
    ///
    /// let profiles = ProvidersToml::built_in();
    /// let gemini = profiles.profile("gemini").unwrap().client_variables();
    /// assert_eq!((gemini.base_url, gemini.key), ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"));
    /// // Its clients add the version of the API, and not that of OpenAI's.
    /// let root = gemini.root.unwrap();
    /// assert_eq!(root.to_string(), "https://generativelanguage.googleapis.com");
    /// ```
    pub fn client_variables(&self) -> ClientVariables {
        let known = self.known_provider().unwrap_or(&COMPATIBLE);
        let base_url = known.base_url_variables.first().copied().unwrap_or(OPENAI_BASE_URL);
        let root = self.effective_base_url().map(|url| known.root(base_url, &url).unwrap_or(url));
        ClientVariables { base_url, key: known.key_variable, root }
    }
}

impl KnownProvider {
    /// Returns the base URL without the path that the clients which read `variable` add.
    fn root(&self, variable: &str, base_url: &BaseUrl) -> Option<BaseUrl> {
        let documented: BaseUrl = self.base_url.parse().ok()?;
        let api = documented.expose().path().trim_end_matches('/');
        let mut root = base_url.expose().clone();
        let path = root.path().trim_end_matches('/').strip_suffix(api)?.to_owned();
        if variable == OPENAI_BASE_URL {
            return None;
        }
        root.set_path(&path);
        root.as_str().parse().ok()
    }

    /// Returns the variables that are about this provider.
    fn own_base_url_variables(&self) -> impl Iterator<Item = &'static str> {
        let variables = self.base_url_variables.iter().copied();
        variables.filter(|name| self.name == DEFAULT_PROVIDER || *name != OPENAI_BASE_URL)
    }

    fn gateway(&self, variable: &str, url: BaseUrl) -> Gateway {
        let base_url = self.followed(variable, &url).unwrap_or_else(|| url.clone());
        Gateway { url, base_url }
    }

    /// Returns the URL in the variable with the path of the API, which clients add to all
    /// but that of OpenAI.
    fn followed(&self, variable: &str, url: &BaseUrl) -> Option<BaseUrl> {
        let documented: BaseUrl = self.base_url.parse().ok()?;
        let api = documented.expose().path().trim_end_matches('/');
        let mut followed = url.expose().clone();
        let path = followed.path().trim_end_matches('/').to_owned();
        if variable == OPENAI_BASE_URL || path.ends_with(api) {
            return None;
        }
        followed.set_path(&(path + api));
        followed.as_str().parse().ok()
    }
}
