//! The URL that requests of a profile go to.

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{ParseError, Url};

use super::display::DisplayUrl;
use super::invalid::{InvalidUrl, UrlFault};
use super::written::Written;
use crate::suggest::suggestion;

/// The longest base URL, in bytes. Servers refuse longer ones.
const MAX_BYTES: usize = 4096;

/// The URL that requests go to, and a key with them.
///
/// It is parsed from a text that says the same to a reader as to an HTTP client: both
/// see this scheme, host and path. The case of scheme and host, a final slash after the
/// host, and the default port make no difference and may be written either way.
///
/// `Display` and `Debug` leave out what may be secret; see [`DisplayUrl`].
///
/// ```
/// use orchestration_support::url::{BaseUrl, UrlFault};
///
/// let url: BaseUrl = "HTTPS://user:password@LLM.example:443?key=1".parse()?;
/// assert_eq!(url.to_string(), "https://llm.example");
///
/// let misread = r"https://evil.example\@llm.example".parse::<BaseUrl>().unwrap_err();
/// assert_eq!(misread.fault, UrlFault::Backslash);
/// # Ok::<(), orchestration_support::url::InvalidUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    url: Url,
    placeholder: Option<Box<str>>,
}

impl BaseUrl {
    /// Returns the whole URL, secrets included.
    pub fn expose(&self) -> &Url {
        &self.url
    }

    /// Returns the URL as it is displayed, for code that is to see no secret. Like
    /// [`DisplayUrl`], and not copied if nothing is left out.
    pub fn without_secrets(&self) -> Cow<'_, str> {
        let url = &self.url;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && !url.path().contains('@');
        if is_plain { Cow::Borrowed(url.as_str()) } else { Cow::Owned(self.to_string()) }
    }

    /// Returns the URL as it is displayed.
    pub fn displayed(&self) -> DisplayUrl {
        DisplayUrl::from(&self.url)
    }

    /// Returns the name of the user in the URL, decoded; `None` if there is none, or one that
    /// is no line of text.
    ///
    /// ```
    /// use orchestration_support::url::BaseUrl;
    ///
    /// let url: BaseUrl = "https://robot%24ci@registry.example".parse()?;
    /// assert_eq!(url.user().as_deref(), Some("robot$ci"));
    /// # Ok::<(), orchestration_support::url::InvalidUrl>(())
    /// ```
    pub fn user(&self) -> Option<String> {
        let user = percent_decode_str(self.url.username()).decode_utf8().ok()?;
        let is_line = !user.is_empty() && !user.contains(char::is_control);
        is_line.then(|| user.into_owned())
    }

    /// Returns the part of the host that the user has yet to replace, e.g. `RESOURCE` in
    /// a URL from a preset. Anyone may own the host of that name, so no key goes there.
    ///
    /// ```
    /// use orchestration_support::url::BaseUrl;
    ///
    /// let preset: BaseUrl = "https://RESOURCE.openai.azure.com/openai/v1".parse()?;
    /// assert_eq!(preset.placeholder(), Some("RESOURCE"));
    /// # Ok::<(), orchestration_support::url::InvalidUrl>(())
    /// ```
    pub fn placeholder(&self) -> Option<&str> {
        self.placeholder.as_deref()
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidUrl;

    /// # Errors
    ///
    /// Fails with [`InvalidUrl`] if the text is not an http or https URL, or if HTTP
    /// clients read something else in it than is written.
    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        if text.len() > MAX_BYTES {
            return Err(UrlFault::Length.alone());
        }
        let instead = || corrected(text);
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(UrlFault::Blank.instead(instead()));
        }
        if text.contains('\\') {
            return Err(UrlFault::Backslash.instead(instead()));
        }
        let written = Written::of(text).ok_or_else(|| UrlFault::Scheme.instead(instead()))?;
        if written.host.is_empty() {
            return Err(UrlFault::Host.alone());
        }
        let url = Url::parse(text).map_err(|reason| fault(reason).alone())?;
        if url.port() == Some(0) {
            return Err(UrlFault::Port.alone());
        }
        match difference(&written, &url) {
            None => Ok(Self { url, placeholder: placeholder(written.host).map(Into::into) }),
            // What has to be encoded may be secret, and is in no suggestion.
            Some(UrlFault::Encoding) => Err(UrlFault::Encoding.alone()),
            Some(fault) => Err(fault.instead(Some(DisplayUrl::from(&url)))),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.displayed().fmt(f)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.displayed())
    }
}

/// Returns what HTTP clients read differently from how it is written.
fn difference(written: &Written<'_>, url: &Url) -> Option<UrlFault> {
    let host = url.host_str().unwrap_or_default();
    if !written.host.is_ascii() {
        return Some(UrlFault::HostNotAscii);
    }
    let port = url.port().map(|port| port.to_string());
    let path = if written.path.is_empty() { "/" } else { written.path };
    if !written.host.eq_ignore_ascii_case(host)
        || written.scheme != url.scheme()
        || written.other_port() != port.as_deref()
        || path != url.path()
    {
        return Some(UrlFault::Rewritten);
    }
    let user = match url.password() {
        Some(password) => format!("{}:{password}", url.username()),
        None => url.username().to_owned(),
    };
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
    let same_user = match written.user {
        Some(written) => written == user && !user.is_empty(),
        None => user.is_empty(),
    };
    let same_rest = written.rest == query + &fragment;
    (!same_user || !same_rest).then_some(UrlFault::Encoding)
}

/// Returns the fault that the parser found.
fn fault(reason: ParseError) -> UrlFault {
    match reason {
        ParseError::InvalidPort => UrlFault::Port,
        ParseError::Overflow => UrlFault::Length,
        _ => UrlFault::Host,
    }
}

/// Returns what was probably meant by a text that is not an http or https URL.
fn corrected(text: &str) -> Option<DisplayUrl> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim().replace('\\', "/");
    let url = |scheme: &str, rest: &str| DisplayUrl::parse(&format!("{scheme}://{rest}"));
    let lower = text.to_ascii_lowercase();
    for scheme in ["https", "http"] {
        // E.g. `https//host`, `https:/host`.
        let rest = text.get(scheme.len()..).filter(|_| lower.starts_with(scheme));
        if let Some(rest) = rest.filter(|rest| rest.starts_with([':', '/'])) {
            return url(scheme, rest.trim_start_matches([':', '/']));
        }
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let meant = suggestion(scheme, ["https", "http"])?;
        return url(meant, rest);
    }
    let parsed = Url::parse(&format!("https://{text}")).ok()?;
    let host = parsed.host_str()?;
    if is_local(host) {
        return url("http", &text);
    }
    is_plausible(host, &text).then(|| DisplayUrl::from(&parsed))
}

/// Returns true if the host is this machine or an address.
fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<Ipv4Addr>().is_ok()
        || address.parse::<Ipv6Addr>().is_ok()
}

/// Returns true if a text without a scheme is more likely a host than a key, which would
/// be displayed with the suggestion.
fn is_plausible(host: &str, text: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    let has_capitals = text.chars().any(|c| c.is_ascii_uppercase());
    !has_capitals
        && labels.len() >= 2
        && labels.iter().all(|label| label.len() <= 24)
        && (2..=12).contains(&top.len())
        && top.chars().all(|c| c.is_ascii_lowercase())
}

/// Returns the label of a host, as written, that stands for a name of the user's own. In
/// capitals, as presets have it, `RESOURCE` is no name that anyone would write.
fn placeholder(host: &str) -> Option<&str> {
    host.split('.').find(|label| {
        let lower = label.to_ascii_lowercase().replace('_', "-");
        *label == "RESOURCE" || matches!(lower.as_str(), "your-resource" | "your-resource-name")
    })
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::super::UrlFault::{self, *};
    use super::BaseUrl;

    /// Returns the fault, and what is suggested.
    fn refused(text: &str) -> (UrlFault, Option<String>) {
        let error = text.parse::<BaseUrl>().expect_err("it is refused");
        (error.fault, error.instead.map(|url| url.to_string()))
    }

    #[test]
    fn what_makes_no_difference_may_be_written_either_way() {
        for (written, displayed) in [
            ("https://llm.example", "https://llm.example"),
            ("https://llm.example/", "https://llm.example"),
            ("HTTPS://LLM.Example:443/v1", "https://llm.example/v1"),
            ("http://localhost:80/v1/", "http://localhost/v1/"),
            ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
            ("https://llm.example?api-version=1", "https://llm.example"),
            ("https://u:p@llm.example/v1?a=b@c#d", "https://llm.example/v1"),
            ("https://xn--pi-6kc.example/v1", "https://xn--pi-6kc.example/v1"),
            ("https://user/pa:ss@llm.example", "https://user/…"),
        ] {
            let url: BaseUrl = written.parse().expect("it is a base URL");
            assert_eq!(url.to_string(), displayed);
            assert_eq!(format!("{url:?}"), format!("{displayed:?}"));
        }
    }

    #[test]
    fn what_clients_read_differently_is_refused_with_what_they_read() {
        for (written, fault, instead) in [
            (r"https://evil.example\@api.openai.com/v1", Backslash, Some("https://evil.example/…")),
            (r"https:\\user:pw@llm.example", Backslash, Some("https://llm.example")),
            ("https:/user:pw@llm.example/v1", Scheme, Some("https://llm.example/v1")),
            ("https:llm.example/v1", Scheme, Some("https://llm.example/v1")),
            ("https//llm.example", Scheme, Some("https://llm.example")),
            ("htps://llm.example", Scheme, Some("https://llm.example")),
            ("localhost:11434/v1", Scheme, Some("http://localhost:11434/v1")),
            ("192.168.1.20:11434", Scheme, Some("http://192.168.1.20:11434")),
            ("llm.corp.example/v1", Scheme, Some("https://llm.corp.example/v1")),
            ("sk-proj-Zq81LmVt93KxBd", Scheme, None),
            ("eyJhbGciOi.eyJzdWIiOi.SflKxwRJ", Scheme, None),
            ("unix:///x", Scheme, None),
            ("ftp://llm.example", Scheme, None),
            ("https:///v1", Host, None),
            ("https://", Host, None),
            ("https://<your-resource>.example", Host, None),
            ("https://llm.example:99999", Port, None),
            ("https://llm.example:0", Port, None),
            ("https://llm.example:v1", Port, None),
            ("https://api。openai.com", HostNotAscii, Some("https://api.openai.com")),
            ("https://\u{430}pi.example/v1", HostNotAscii, Some("https://xn--pi-6kc.example/v1")),
            ("https://api\u{200b}.example", HostNotAscii, Some("https://api.example")),
            ("https://llm.example/v\t1", Blank, Some("https://llm.example/v1")),
            (" https://llm.example", Blank, Some("https://llm.example")),
            ("https://llm.example\n", Blank, Some("https://llm.example")),
            ("http://0x7f.1/v1", Rewritten, Some("http://127.0.0.1/v1")),
            ("https://llm%2eexample", Rewritten, Some("https://llm.example")),
            ("https://llm.example/a/../v1", Rewritten, Some("https://llm.example/v1")),
            ("https://llm.example:/v1", Rewritten, Some("https://llm.example/v1")),
            ("https://u:p^w@llm.example", Encoding, None),
            ("https://@llm.example", Encoding, None),
            ("https://llm.example?key=\"x\"", Encoding, None),
        ] {
            let expected = (fault, instead.map(str::to_owned));
            assert_eq!(refused(written), expected, "{written}");
        }
        assert_eq!(refused(&format!("https://llm.example/{}", "x".repeat(4096))).0, Length);
    }

    #[test]
    fn a_placeholder_is_known_by_how_it_is_written() {
        let placeholder = |text: &str| {
            text.parse::<BaseUrl>().expect("it is a base URL").placeholder().map(str::to_owned)
        };
        for (host, expected) in [
            ("RESOURCE.openai.azure.com", Some("RESOURCE")),
            ("YOUR-RESOURCE.openai.azure.com", Some("YOUR-RESOURCE")),
            ("your_resource_name.openai.azure.com", Some("your_resource_name")),
            ("corp.openai.azure.com", None),
            ("resource.corp.example", None),
        ] {
            let url = format!("https://{host}/openai/v1");
            assert_eq!(placeholder(&url).as_deref(), expected, "{host}");
        }
    }
}
