//! What a row of the catalogue has.

use orchestration_egress::is_loopback;
use url::Url;

use super::rules::Rule;

/// One provider.
///
/// ```
/// use orchestration_auth::KnownProvider;
///
/// let openai = KnownProvider::named("openai").unwrap();
/// assert_eq!(openai.variable(), Some("OPENAI_API_KEY"));
/// assert_eq!(openai.base_url, "https://api.openai.com/v1");
/// ```
#[derive(Debug)]
pub struct KnownProvider {
    /// Its name, as `provider` in providers.toml has it.
    pub name: &'static str,
    /// The documented base URL. `RESOURCE` in it stands for what each customer has of
    /// their own.
    pub base_url: &'static str,
    /// The variables that hold its key. The first is the usual one; the others name
    /// the same credential in other tools.
    pub variables: &'static [&'static str],
    /// The variables that its clients read a base URL from.
    pub base_url_variables: &'static [&'static str],
    /// The page where a key is made; `None` if each customer has another one, or if
    /// there are no keys.
    pub key_page: Option<&'static str>,
    /// Whether agents can talk to it, which speak the protocol of OpenAI.
    pub speaks_openai: bool,
    /// The name of its built-in profile.
    pub profile: Option<&'static str>,
    /// The name of its preset for `profile add`. Providers with a built-in profile
    /// need none, unless it is for a server at another place.
    pub preset: Option<&'static str>,
    /// The headers of its built-in profile.
    pub profile_headers: &'static [(&'static str, &'static str)],
    /// Where a base URL leads to it.
    pub(crate) location: Location,
    /// The path of its documented base URL.
    pub(crate) api: &'static str,
    /// The path of the probe, below the base URL.
    pub(crate) probe: &'static str,
    /// The header that carries the key.
    pub(crate) key: KeyHeader<'static>,
    /// What else every request must carry.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// Whether it may be set up to accept any key, and none.
    pub(crate) may_be_open: bool,
    /// The answers to the probe that say something about a key.
    pub(crate) rules: &'static [Rule],
}

/// Where a provider is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    /// At this host.
    Host(&'static str),
    /// At hosts below this domain, one per customer.
    Below(&'static str),
    /// On this machine, at this port.
    Port(u16),
    /// Anywhere.
    Anywhere,
}

/// The header that carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyHeader<'a> {
    /// `Authorization: Bearer …`
    Bearer,
    /// The key only, in the header of this name.
    Named(&'a str),
}

impl KnownProvider {
    /// Returns the variable that usually holds its key; `None` if it needs none.
    pub fn variable(&self) -> Option<&'static str> {
        self.variables.first().copied()
    }

    /// Returns true if a base URL leads to this provider.
    pub fn is_at(&self, base_url: &str) -> bool {
        Url::parse(base_url).is_ok_and(|url| self.location.is(&url))
    }
}

/// Returns true if a base URL still has the placeholder of a preset in it. Anyone may own
/// the host of that name, so no key goes there.
///
/// ```
/// use orchestration_auth::has_placeholder;
///
/// assert!(has_placeholder("https://RESOURCE.openai.azure.com/openai/v1"));
/// assert!(!has_placeholder("https://corp.openai.azure.com/openai/v1"));
/// ```
pub fn has_placeholder(base_url: &str) -> bool {
    let url = Url::parse(base_url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    host.split('.').any(|label| label.eq_ignore_ascii_case(PLACEHOLDER))
}

/// What the user replaces in the base URL of a preset.
const PLACEHOLDER: &str = "RESOURCE";

impl Location {
    /// Returns true if `url` leads there.
    pub(crate) fn is(self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        match self {
            Self::Host(known) => host == known && url.port().is_none(),
            Self::Below(domain) => {
                host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
                    && url.port().is_none()
            }
            Self::Port(port) => is_loopback(url) && url.port() == Some(port),
            Self::Anywhere => false,
        }
    }
}
