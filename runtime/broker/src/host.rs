//! Whether the header `Host` names this machine.

use std::cell::Cell;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Returns true if `host`, with or without a port, is a name of this machine that no one else
/// can give it: `localhost` or a loopback address.
fn is_of_this_machine(host: &[u8]) -> bool {
    let Ok(host) = str::from_utf8(host) else { return false };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_port =
        |port: &str| port.parse::<u16>().is_ok() && port.bytes().all(|b| b.is_ascii_digit());
    if !port.is_none_or(is_port) {
        return false;
    }
    if let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback());
    }
    let is_loopback = || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    name.eq_ignore_ascii_case("localhost") || is_loopback()
}

/// The host that the request before this one on a connection was for, if it was this machine.
/// Clients name the same one each time.
#[derive(Default)]
pub(crate) struct LastHost(Cell<Option<Box<[u8]>>>);

impl LastHost {
    /// Returns what the function of this name returns.
    pub(crate) fn is_of_this_machine(&self, host: &[u8]) -> bool {
        let last = self.0.take().filter(|last| **last == *host);
        let here = last.or_else(|| is_of_this_machine(host).then(|| host.into()));
        let is_here = here.is_some();
        self.0.set(here);
        is_here
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_this_machine;

    #[test]
    fn only_names_that_no_one_else_can_give_are_this_machine() {
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "127.1.2.3"] {
            assert!(is_of_this_machine(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":8080",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example:127.0.0.1",
            "localhost@evil.example",
            "localhost:80@evil.example",
            "localhost:+80",
            "0.0.0.0",
            "[::]",
            "::1",
            "10.0.0.1",
            "localhost.",
            "2130706433",
            "127.0.0.1:80:80",
            "localhost:99999",
        ] {
            assert!(!is_of_this_machine(host.as_bytes()), "{host}");
        }
    }
}
