//! What a row of the catalogue has.

use orchestration_support::url::BaseUrl;
use orchestration_support::url::is_loopback;

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
    /// Other names that people use for it. They are not valid, only understood.
    pub aliases: &'static [&'static str],
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
    /// The variable from which the clients that read those take the key.
    pub key_variable: &'static str,
    /// How its keys begin, if no other provider's do.
    pub(crate) key_prefixes: &'static [&'static str],
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
    pub fn is_at(&self, base_url: &BaseUrl) -> bool {
        self.base_url_at(base_url).is_some()
    }

    /// Returns the base URL of its API at the place of `base_url`; `None` if that leads
    /// elsewhere, or nowhere yet. Never plain http to another machine, whatever it says.
    pub(crate) fn base_url_at(&self, base_url: &BaseUrl) -> Option<BaseUrl> {
        if base_url.placeholder().is_some() {
            return None;
        }
        let documented: BaseUrl = self.base_url.parse().ok()?;
        let (url, known) = (base_url.expose(), documented.expose());
        let api = known.path().trim_end_matches('/');
        if is_loopback(known) {
            let here = is_loopback(url) && url.port() == known.port();
            return format!("{}{api}", url.origin().ascii_serialization())
                .parse()
                .ok()
                .filter(|_| here);
        }
        let (host, known) = (url.host_str()?, known.host_str()?);
        let is_there = match documented.placeholder() {
            Some(_) => {
                let (_, domain) = known.split_once('.')?;
                host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            }
            None => host == known,
        };
        let is_there = is_there && url.port().is_none();
        format!("https://{host}{api}").parse().ok().filter(|_| is_there)
    }

    /// Returns the documented base URL; `None` if each customer has a different one.
    pub(crate) fn documented_base_url(&self) -> Option<BaseUrl> {
        let url: BaseUrl = self.base_url.trim_end_matches('/').parse().ok()?;
        url.placeholder().is_none().then_some(url)
    }
}
