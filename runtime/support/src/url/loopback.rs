//! Whether a URL is on this machine.

use url::{Host, Url};

/// Returns true if the host is this machine, by the same rule as the strategy
/// `api_key` uses for endpoints that need no key.
///
/// ```
/// use orchestration_support::url::is_loopback;
///
/// let local = "http://127.0.0.1:11434/v1".parse()?;
/// assert!(is_loopback(&local));
/// let remote = "http://localhost.example.com/v1".parse()?;
/// assert!(!is_loopback(&remote));
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
