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
    /// The documented base URL, which also says where the provider is: at this host, at
    /// any host in place of `RESOURCE`, which stands for what each customer has of their
    /// own, or at this port of any loopback address.
    pub base_url: &'static str,
    /// The domain whose hosts are all its own, so that its keys may go there; `None` if
    /// only the host of `base_url` is known.
    pub domain: Option<&'static str>,
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
        Url::parse(base_url).is_ok_and(|url| self.base_url_at(&url).is_some())
    }

    /// Returns the base URL of its API at the place of `url`; `None` if `url` leads
    /// elsewhere. Never plain http to another machine, whatever `url` says.
    pub(crate) fn base_url_at(&self, url: &Url) -> Option<String> {
        let known = Url::parse(self.base_url).ok()?;
        let api = known.path().trim_end_matches('/');
        if is_loopback(&known) {
            let here = is_loopback(url) && url.port() == known.port();
            return here.then(|| format!("{}{api}", url.origin().ascii_serialization()));
        }
        let (host, known) = (url.host_str()?, known.host_str()?);
        let is_there = match placeholder_in(known) {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
            None => host == known,
        };
        (is_there && url.port().is_none()).then(|| format!("https://{host}{api}"))
    }

    /// Returns the documented base URL; `None` if each customer has a different one.
    pub(crate) fn documented_base_url(&self) -> Option<&'static str> {
        (!has_placeholder(self.base_url)).then(|| self.base_url.trim_end_matches('/'))
    }
}

/// Returns the domain below the placeholder that a host begins with.
fn placeholder_in(host: &str) -> Option<&str> {
    let (label, domain) = host.split_once('.')?;
    label.eq_ignore_ascii_case(PLACEHOLDER).then_some(domain)
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
