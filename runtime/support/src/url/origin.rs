//! Origins: which servers a strategy may talk with.

use std::fmt;
use std::str::FromStr;

use super::base::BaseUrl;
use super::invalid::{InvalidUrl, UrlFault};
use super::loopback::is_loopback;

/// The scheme, host and port of a URL, written in one way: in lower case, and without the
/// default port. Two origins are the same server only if their texts are equal; a host
/// with a dot at its end is another one.
///
/// ```
/// use orchestration_support::url::{HttpOrigin, OriginFault};
///
/// let origin: HttpOrigin = "HTTPS://Login.corp.example:443/".parse()?;
/// assert_eq!(origin.as_str(), "https://login.corp.example");
///
/// let longer = "https://login.corp.example/oauth".parse::<HttpOrigin>().unwrap_err();
/// assert_eq!(longer.fault, OriginFault::More);
/// assert_eq!(longer.instead, Some(origin));
/// # Ok::<(), orchestration_support::url::InvalidOrigin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpOrigin(String);

/// Why a text is not an origin that secrets may be sent to. It never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this origin {fault}")]
pub struct InvalidOrigin {
    /// What is wrong.
    pub fault: OriginFault,
    /// What was probably meant.
    pub instead: Option<HttpOrigin>,
}

/// What is wrong with an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginFault {
    /// It is not a URL.
    #[error("{0}")]
    Url(UrlFault),
    /// It has a user, path, query or fragment.
    #[error("has more than a scheme, a host and a port")]
    More,
    /// It has a user, query or fragment.
    #[error("has a user, query or fragment")]
    Extra,
    /// It is plain http, and not on this machine.
    #[error("is plain http, which exposes secrets on the network")]
    PlainHttp,
    /// Its host has the placeholder of a preset.
    #[error("has a placeholder in its host")]
    Placeholder,
    /// Its host has a `*`, which stands for nothing here.
    #[error("has a '*' in its host; each host is granted by its name")]
    Wildcard,
}

impl HttpOrigin {
    /// Returns the origin that requests to `url` go to.
    pub fn of(url: &BaseUrl) -> Self {
        Self(url.expose().origin().ascii_serialization())
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns this origin of `url`, if secrets may be sent there.
    pub(super) fn safe(self, url: &BaseUrl) -> Result<Self, InvalidOrigin> {
        let host = url.expose().host_str().unwrap_or_default();
        let fault = if url.placeholder().is_some() {
            OriginFault::Placeholder
        } else if host.contains('*') {
            OriginFault::Wildcard
        } else if url.expose().scheme() != "https" && !is_loopback(url.expose()) {
            OriginFault::PlainHttp
        } else {
            return Ok(self);
        };
        Err(InvalidOrigin { fault, instead: None })
    }
}

impl FromStr for HttpOrigin {
    type Err = InvalidOrigin;

    /// # Errors
    ///
    /// Fails with [`InvalidOrigin`] if the text is not an origin, if people and HTTP
    /// clients read different ones in it, or if secrets must not go there.
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = BaseUrl::from_str(text).map_err(InvalidOrigin::of_url)?;
        let origin = Self::of(&url).safe(&url)?;
        if url.displayed().hides_parts() || url.expose().path() != "/" {
            return Err(InvalidOrigin { fault: OriginFault::More, instead: Some(origin) });
        }
        Ok(origin)
    }
}

impl InvalidOrigin {
    /// Returns the error of a text that is no URL, or not one that says the same to all.
    pub(super) fn of_url(error: InvalidUrl) -> Self {
        let instead = error.instead.and_then(|url| url.to_string().parse().ok());
        let instead = instead.as_ref().map(HttpOrigin::of);
        Self { fault: OriginFault::Url(error.fault), instead }
    }
}

impl fmt::Display for HttpOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::super::UrlFault::{self, *};
    use super::{HttpOrigin, OriginFault};

    #[test]
    fn an_origin_is_written_in_one_way() {
        for (written, origin) in [
            ("https://login.corp.example", "https://login.corp.example"),
            ("https://login.corp.example/", "https://login.corp.example"),
            ("HTTPS://LOGIN.Corp.example:443", "https://login.corp.example"),
            ("https://login.corp.example:8443", "https://login.corp.example:8443"),
            ("https://login.corp.example.", "https://login.corp.example."),
            ("https://169.254.169.254", "https://169.254.169.254"),
            ("https://[FD00:EC2::254]:443", "https://[fd00:ec2::254]"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("https://xn--pi-6kc.example", "https://xn--pi-6kc.example"),
        ] {
            let read: HttpOrigin = written.parse().expect("it is an origin");
            assert_eq!(read.as_str(), origin, "{written}");
        }
    }

    #[test]
    fn what_is_no_origin_that_secrets_may_go_to_is_refused() {
        let url = |fault: UrlFault| OriginFault::Url(fault);
        for (written, fault, instead) in [
            (
                "https://login.corp.example/oauth",
                OriginFault::More,
                Some("https://login.corp.example"),
            ),
            (
                "https://login.corp.example?x=1",
                OriginFault::More,
                Some("https://login.corp.example"),
            ),
            ("https://login.corp.example#x", OriginFault::More, Some("https://login.corp.example")),
            (
                "https://me@login.corp.example",
                OriginFault::More,
                Some("https://login.corp.example"),
            ),
            ("http://login.corp.example", OriginFault::PlainHttp, None),
            ("http://169.254.169.254", OriginFault::PlainHttp, None),
            ("http://localhost.corp.example", OriginFault::PlainHttp, None),
            ("http://10.0.0.1", OriginFault::PlainHttp, None),
            ("https://RESOURCE.openai.azure.com", OriginFault::Placeholder, None),
            ("login.corp.example", url(Scheme), Some("https://login.corp.example")),
            ("*", url(Scheme), None),
            ("https://*.corp.example", OriginFault::Wildcard, None),
            ("https://", url(Host), None),
            ("https://login.corp.example:0", url(Port), None),
            ("https://login.corp.example\\@evil.example", url(Backslash), None),
            ("https://0xa9fea9fe", url(Rewritten), Some("https://169.254.169.254")),
            ("https://2852039166", url(Rewritten), Some("https://169.254.169.254")),
            ("https://0251.0376.0251.0376", url(Rewritten), Some("https://169.254.169.254")),
            ("http://127.1", url(Rewritten), Some("http://127.0.0.1")),
            (
                "https://log\u{131}n.corp.example",
                url(HostNotAscii),
                Some("https://xn--logn-nza.corp.example"),
            ),
            (
                "https://login\u{3002}corp.example",
                url(HostNotAscii),
                Some("https://login.corp.example"),
            ),
            (" https://login.corp.example", url(Blank), Some("https://login.corp.example")),
        ] {
            let error = written.parse::<HttpOrigin>().expect_err(written);
            let found = (error.fault, error.instead.as_ref().map(HttpOrigin::as_str));
            assert_eq!(found, (fault, instead), "{written}");
        }
    }
}
