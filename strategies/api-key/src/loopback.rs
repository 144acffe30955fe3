//! Whether a base URL leads to this machine, where model servers ask for no key.
//!
//! Taking a remote host for a local one would only send a request without a
//! key, but it would also show `✓ valid` for a credential that is missing. Text
//! that merely contains "localhost" proves nothing: `http://localhost.evil.example`
//! and `http://localhost@evil.example` are remote. So the URL is parsed by the
//! rules that HTTP clients follow (the WHATWG's), and the host alone is judged.

use url::{Host, Url};

/// True for `http` and `https` URLs whose host is `localhost`, in
/// `127.0.0.0/8`, or `::1`. A text that is not a URL is not loopback.
pub fn is_loopback(base_url: &str) -> bool {
    let Ok(url) = Url::parse(base_url) else {
        return false;
    };
    if !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
