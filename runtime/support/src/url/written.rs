//! The parts of a URL as they are written, to compare them with what HTTP clients read.

/// An `http://` or `https://` URL, split where HTTP clients split it.
pub(super) struct Written<'a> {
    pub(super) scheme: String,
    /// The user and password, without the `@`; `None` if there is no `@`.
    pub(super) user: Option<&'a str>,
    pub(super) host: &'a str,
    /// The port without its colon.
    pub(super) port: Option<&'a str>,
    pub(super) path: &'a str,
    /// The query and the fragment.
    pub(super) rest: &'a str,
}

impl<'a> Written<'a> {
    /// Splits `text`; `None` if it does not begin with `http://` or `https://`.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (scheme, after) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return None;
        }
        let (authority, after) = split_before(after, &['/', '?', '#']);
        let (path, rest) = split_before(after, &['?', '#']);
        let (user, host_and_port) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        // The colons of an IPv6 address are in brackets.
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (host_and_port, None),
        };
        Some(Self { scheme, user, host, port, path, rest })
    }

    /// Returns the port, unless it is the default one, which clients leave out.
    pub(super) fn other_port(&self) -> Option<&'a str> {
        let default = if self.scheme == "https" { "443" } else { "80" };
        self.port.filter(|port| *port != default)
    }
}

/// Splits `text` before the first of `ends`.
fn split_before<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}
