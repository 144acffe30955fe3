//! What a row of the catalogue has.

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

    /// Returns the variables that only its own clients read a base URL from:
    /// `OPENAI_BASE_URL` belongs to OpenAI, though clients of others read it too.
    pub fn own_base_url_variables(&self) -> &'static [&'static str] {
        let shared = self.name != "openai" && self.base_url_variables == OPENAI_COMPATIBLE;
        if shared { &[] } else { self.base_url_variables }
    }
}

/// What clients of OpenAI's protocol read, for every provider.
pub(crate) const OPENAI_COMPATIBLE: &[&str] = &["OPENAI_BASE_URL"];
