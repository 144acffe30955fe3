//! Issuers of tokens.

use std::fmt;
use std::str::FromStr;

use super::base::BaseUrl;
use super::origin::{HttpOrigin, InvalidOrigin, OriginFault};

/// The URL by which a server that issues tokens is known (RFC 8414): `https`, and without
/// user, query and fragment. Clients compare it letter by letter with what the server says,
/// so it stays as it is written.
///
/// ```
/// use orchestration_support::url::Issuer;
///
/// let issuer: Issuer = "https://login.corp.example/realms/corp/".parse()?;
/// assert_eq!(issuer.as_str(), "https://login.corp.example/realms/corp/");
/// assert_eq!(issuer.origin().as_str(), "https://login.corp.example");
/// # Ok::<(), orchestration_support::url::InvalidOrigin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    origin: HttpOrigin,
}

impl Issuer {
    /// Returns it as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the origin of its server.
    pub fn origin(&self) -> &HttpOrigin {
        &self.origin
    }
}

impl FromStr for Issuer {
    type Err = InvalidOrigin;

    /// # Errors
    ///
    /// Fails with [`InvalidOrigin`] if secrets must not go to this URL, or if it has parts
    /// that no issuer has.
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = BaseUrl::from_str(text).map_err(InvalidOrigin::of_url)?;
        if url.displayed().hides_parts() {
            return Err(InvalidOrigin { fault: OriginFault::Extra, instead: None });
        }
        Ok(Self { text: text.to_owned(), origin: HttpOrigin::of(&url).safe(&url)? })
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::UrlFault;
    use super::{Issuer, OriginFault};

    #[test]
    fn an_issuer_is_a_url_that_secrets_may_go_to() {
        for (text, fault) in [
            ("http://login.corp.example", OriginFault::PlainHttp),
            ("https://*.corp.example", OriginFault::Wildcard),
            ("https://RESOURCE.corp.example", OriginFault::Placeholder),
            ("https://login.corp.example?tenant=1", OriginFault::Extra),
            ("https://login.corp.example/#x", OriginFault::Extra),
            ("https://me@login.corp.example", OriginFault::Extra),
            ("login.corp.example", OriginFault::Url(UrlFault::Scheme)),
            ("https://login.corp.example/a/../b", OriginFault::Url(UrlFault::Rewritten)),
        ] {
            let fault_of = text.parse::<Issuer>().err().map(|error| error.fault);
            assert_eq!(fault_of, Some(fault), "{text}");
        }
        for text in ["https://login.corp.example", "http://127.0.0.1:8080/", "HTTPS://A.example"] {
            assert!(text.parse::<Issuer>().is_ok_and(|issuer| issuer.as_str() == text), "{text}");
        }
    }
}
