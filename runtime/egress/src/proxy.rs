//! Which proxy a request takes.
//!
//! Clients disagree on what a proxy variable may contain, and most ignore a value that
//! they can't read. Then the key goes around the proxy without a word. So there is one
//! reading, here: requests are sent by it, and `doctor` reports it. A value that can't
//! be used is an error.

use std::env;

use hyper_util::client::proxy::matcher::Matcher;
use orchestration_support::url::{DisplayUrl, is_loopback};
use url::Url;

use crate::error::HttpError;

/// A proxy, and the variable that names it.
///
/// ```
/// use orchestration_egress::Proxy;
///
/// // Requests to this machine never leave it.
/// let local = "http://127.0.0.1:11434/v1".parse()?;
/// assert!(Proxy::of(&local).is_ok_and(|proxy| proxy.is_none()));
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    variable: &'static str,
    url: Url,
}

impl Proxy {
    /// Returns the proxy for requests to `url`, as the environment sets it; `None` if
    /// they go directly.
    ///
    /// # Errors
    ///
    /// Fails with [`HttpError::ProxyVariable`] if the variable that decides does not
    /// contain the URL of a proxy.
    pub fn of(url: &Url) -> Result<Option<Self>, HttpError> {
        Self::from_variables(url, |name| {
            env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        })
    }

    fn from_variables(
        url: &Url,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, HttpError> {
        let first = |names: &[&'static str]| {
            let set = |name: &&'static str| {
                let value = variable(name).filter(|value| !value.trim().is_empty())?;
                Some((*name, value))
            };
            names.iter().find_map(set)
        };
        if is_loopback(url) {
            return Ok(None);
        }
        let of_scheme: &[&str] = match url.scheme() {
            "https" => &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
            // In a CGI program it is a header of the client's request.
            _ if variable("REQUEST_METHOD").is_some() => &["http_proxy", "ALL_PROXY", "all_proxy"],
            _ => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        };
        let Some((name, value)) = first(of_scheme) else { return Ok(None) };
        let exceptions = first(&["NO_PROXY", "no_proxy"]).map(|(_, hosts)| hosts);
        if exceptions.is_some_and(|hosts| is_exception(url, hosts)) {
            return Ok(None);
        }
        match proxy_url(&value) {
            Some(url) => Ok(Some(Self { variable: name, url })),
            None => Err(HttpError::ProxyVariable { variable: name }),
        }
    }

    /// Returns the variable that names it.
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// Returns the URL as it is, password included.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the URL as it is displayed, without user and password.
    pub fn displayed(&self) -> String {
        DisplayUrl::from(&self.url).to_string()
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({}, {})", self.variable, self.displayed())
    }
}

/// Returns true if `hosts`, as in `NO_PROXY`, contain the host of `url`.
fn is_exception(url: &Url, hosts: String) -> bool {
    let matcher = Matcher::builder().all("http://proxy").no(hosts).build();
    url.as_str().parse().is_ok_and(|url| matcher.intercept(&url).is_none())
}

/// Returns the URL in `value`, which may lack its scheme; `None` if there is none.
fn proxy_url(value: &str) -> Option<Url> {
    let value = value.trim();
    let url = match value.split_once("://") {
        // GNOME and KDE write `socks` for any version; the latest one can carry names.
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("socks") => {
            format!("socks5h://{rest}")
        }
        Some(_) => value.to_owned(),
        None => format!("http://{value}"),
    };
    let url = Url::parse(&url).ok()?;
    let is_known =
        ["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(&url.scheme());
    (is_known && url.host_str().is_some_and(|host| !host.is_empty())).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::Proxy;
    use crate::error::HttpError;

    /// Returns the proxy of `url` as displayed, or the variable at fault.
    fn proxy(url: &str, variables: &[(&str, &str)]) -> Result<Option<String>, HttpError> {
        let url = url.parse().map_err(|_| HttpError::Placeholder("not a URL".to_owned()))?;
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Proxy::from_variables(&url, find)
            .map(|proxy| proxy.map(|proxy| format!("{} {}", proxy.variable(), proxy.displayed())))
    }

    const HTTPS: &str = "https://llm.example/v1";
    const HTTP: &str = "http://llm.example/v1";

    #[test]
    fn every_form_that_other_clients_take_is_taken() {
        for (value, expected) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("https://proxy.example", "https://proxy.example"),
            ("proxy:3128", "http://proxy:3128"),
            ("localhost:3128", "http://localhost:3128"),
            ("10.0.0.1:3128", "http://10.0.0.1:3128"),
            (" http://proxy.example:3128/ ", "http://proxy.example:3128"),
            ("http://me:hunter22@proxy.example:3128", "http://proxy.example:3128"),
            ("me:hunter22@proxy.example:3128", "http://proxy.example:3128"),
            ("socks5h://127.0.0.1:1080", "socks5h://127.0.0.1:1080"),
            ("socks5://[::1]:1080", "socks5://[::1]:1080"),
            ("socks4a://proxy.example", "socks4a://proxy.example"),
            ("socks://127.0.0.1:1080/", "socks5h://127.0.0.1:1080"),
            ("SOCKS5://127.0.0.1:1080", "socks5://127.0.0.1:1080"),
        ] {
            let expected = Ok(Some(format!("all_proxy {expected}")));
            assert_eq!(proxy(HTTPS, &[("all_proxy", value)]), expected, "{value}");
        }
    }

    #[test]
    fn a_value_that_no_client_could_use_is_an_error() {
        for value in [
            "ftp://proxy:21",
            "http://",
            "http:// proxy",
            "hunter 22",
            "socks6://p:1",
            "http://p:99999",
        ] {
            let expected = Err(HttpError::ProxyVariable { variable: "HTTPS_PROXY" });
            let set = [("HTTPS_PROXY", value), ("ALL_PROXY", "http://proxy:1")];
            assert_eq!(proxy(HTTPS, &set), expected, "{value}");
            assert_eq!(proxy(HTTP, &set[..1]), Ok(None), "{value}");
        }
    }

    #[test]
    fn the_variable_of_the_scheme_comes_first_and_an_empty_one_is_none() {
        let set = [("ALL_PROXY", "all:1"), ("HTTPS_PROXY", "https:1"), ("http_proxy", "http:1")];
        assert_eq!(proxy(HTTPS, &set), Ok(Some("HTTPS_PROXY http://https:1".to_owned())));
        assert_eq!(proxy(HTTP, &set), Ok(Some("http_proxy http://http:1".to_owned())));
        let set = [("HTTPS_PROXY", ""), ("https_proxy", " "), ("ALL_PROXY", "all:1")];
        assert_eq!(proxy(HTTPS, &set), Ok(Some("ALL_PROXY http://all:1".to_owned())));
        let set = [("HTTP_PROXY", "http:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(proxy(HTTP, &set), Ok(None));
    }

    #[test]
    fn this_machine_and_the_hosts_of_no_proxy_are_reached_directly() {
        let all = ("ALL_PROXY", "proxy:1");
        for url in ["http://127.0.0.1:11434/v1", "http://localhost/v1", "https://[::1]/v1"] {
            assert_eq!(proxy(url, &[all]), Ok(None), "{url}");
        }
        for hosts in ["llm.example", "other, .example", "*", "example"] {
            assert_eq!(proxy(HTTPS, &[all, ("no_proxy", hosts)]), Ok(None), "{hosts}");
        }
        for hosts in ["example.com", "lm.example", ""] {
            assert!(
                proxy(HTTPS, &[all, ("NO_PROXY", hosts)]).is_ok_and(|p| p.is_some()),
                "{hosts}"
            );
        }
    }
}
