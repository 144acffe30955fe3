//! The only form in which a URL is displayed.

use std::fmt;

use url::Url;

/// A URL without the parts that may be secret (user, password, query, fragment), and
/// with its host in ASCII. It is made from a parsed URL, so it shows where a request
/// goes, whatever the text looked like.
///
/// ```
/// use orchestration_support::url::DisplayUrl;
///
/// let url: url::Url = "https://user:password@LLM.example/v1?key=1".parse()?;
/// assert_eq!(DisplayUrl::from(&url).to_string(), "https://llm.example/v1");
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayUrl {
    text: String,
    hides: bool,
}

impl DisplayUrl {
    /// Returns the form of a URL that is not a [`BaseUrl`](super::BaseUrl), e.g. that of a
    /// proxy; `None` if it cannot be parsed.
    pub fn parse(text: &str) -> Option<Self> {
        Url::parse(text).ok().as_ref().map(Self::from)
    }

    /// Returns true if the URL has parts that are not displayed.
    pub fn hides_parts(&self) -> bool {
        self.hides
    }
}

impl From<&Url> for DisplayUrl {
    fn from(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = match url.path() {
            "/" => "",
            // After a slash in a password, the rest of the password is in the path.
            path if path.contains('@') => "/…",
            path => path,
        };
        let text = format!("{}://{host}{port}{path}", url.scheme());
        let hides = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
            || path == "/…";
        Self { text, hides }
    }
}

impl fmt::Display for DisplayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for DisplayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}
