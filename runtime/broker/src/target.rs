//! Where a client's path leads on the provider's server: below the base URL, and nowhere
//! else.
//!
//! Servers disagree on what a path means. Some resolve `..` or `%2e%2e` or `..;`, some read
//! `\` as `/`, some `//host` as a host. The key may be good for more than the base URL is
//! meant for, so a path that any of them could read as one that leaves it is refused, and
//! what is sent is never resolved here: both would have to do it in the same way.

use std::cell::Cell;

use hyper::Uri;
use hyper::http::uri::PathAndQuery;
use orchestration_support::url::BaseUrl;
use percent_encoding::percent_decode_str;

/// How often a path is decoded to look for `..`, which some servers do more than once.
const ROUNDS: usize = 3;

/// The query parameter in which some providers take a key.
const KEY: &str = "key";

/// What precedes the client's path, from the base URL.
#[derive(Debug)]
pub(crate) struct Base {
    /// Without a slash at its end.
    path: String,
    query: Option<String>,
}

/// Why a path leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathFault {
    #[error("it begins with two slashes")]
    TwoSlashes,
    #[error("it has a '.' or '..' in it")]
    Dots,
    #[error("it has a backslash in it")]
    Backslash,
    #[error("it has characters that no URL can have")]
    Characters,
}

impl Base {
    pub(crate) fn of(url: &BaseUrl) -> Self {
        let url = url.expose();
        let path = url.path().trim_end_matches('/').to_owned();
        Self { path, query: url.query().filter(|query| !query.is_empty()).map(str::to_owned) }
    }

    /// Returns the path that `rest`, which is empty or begins with a slash, leads to.
    pub(crate) fn target(
        &self,
        rest: &str,
        query: Option<&str>,
    ) -> Result<PathAndQuery, PathFault> {
        check(rest)?;
        let length = self.path.len() + rest.len() + query.map_or(0, str::len) + 1;
        let mut target = String::with_capacity(length);
        target.push_str(&self.path);
        target.push_str(rest);
        if target.is_empty() {
            target.push('/');
        }
        let own = self.query.as_deref().into_iter().flat_map(pairs);
        let theirs = query.into_iter().flat_map(pairs).filter(|pair| !self.replaces(pair));
        let mut separator = '?';
        for pair in own.chain(theirs) {
            target.push(separator);
            target.push_str(pair);
            separator = '&';
        }
        PathAndQuery::try_from(target).map_err(|_| PathFault::Characters)
    }

    /// Returns true if a pair of the client's query is left out: a key, or what the base URL
    /// sets.
    fn replaces(&self, pair: &str) -> bool {
        let own = || self.query.as_deref().into_iter().flat_map(pairs);
        is_named(pair, KEY) || own().any(|own| is_named(pair, name(own)))
    }

    /// Returns the path below the base URL that leads to `location`, which the server of
    /// `origin` redirects to; `None` if it is elsewhere.
    pub(crate) fn below<'a>(
        &self,
        location: &'a Uri,
        host: &[u8],
        scheme: &str,
    ) -> Option<&'a str> {
        let is_there = match (location.scheme_str(), location.authority()) {
            (None, None) => true,
            (Some(theirs), Some(at)) => theirs == scheme && at.as_str().as_bytes() == host,
            _ => false,
        };
        let rest = location.path_and_query().filter(|_| is_there)?.as_str();
        rest.strip_prefix(&*self.path).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// The target of the request before this one on a connection. Most clients ask for one path
/// again and again, which need not be checked and read each time.
#[derive(Default)]
pub(crate) struct LastTarget(Cell<Option<Before>>);

/// A path without a query, below the base URL of this number, and what it leads to.
struct Before {
    base: u64,
    rest: Box<str>,
    target: PathAndQuery,
}

impl LastTarget {
    /// Returns what [`Base::target`] returns for `base`, whose number is `id`.
    pub(crate) fn of(
        &self,
        base: &Base,
        id: u64,
        rest: &str,
        query: Option<&str>,
    ) -> Result<PathAndQuery, PathFault> {
        // A query may have a key in it, which is not to be kept.
        if query.is_some() {
            return base.target(rest, query);
        }
        let before = self.0.take().filter(|before| before.base == id && *before.rest == *rest);
        let before = match before {
            Some(before) => before,
            None => Before { base: id, rest: rest.into(), target: base.target(rest, None)? },
        };
        let target = before.target.clone();
        self.0.set(Some(before));
        Ok(target)
    }
}

/// Returns the keys that a client shows in its query, as they are written.
pub(crate) fn keys_in(query: &str) -> impl Iterator<Item = &str> {
    pairs(query)
        .filter(|pair| is_named(pair, KEY))
        .filter_map(|pair| pair.split_once('='))
        .map(|(_, value)| value)
}

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|pair| !pair.is_empty())
}

fn name(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

/// Returns true if the pair has this name, in whatever way it is written.
fn is_named(pair: &str, wanted: &str) -> bool {
    percent_decode_str(name(pair)).eq(percent_decode_str(wanted))
}

/// Checks that no server can read the path as one that leads upwards or to another host.
fn check(rest: &str) -> Result<(), PathFault> {
    if rest.contains('\\') {
        return Err(PathFault::Backslash);
    }
    if rest.starts_with("//") {
        return Err(PathFault::TwoSlashes);
    }
    if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(PathFault::Characters);
    }
    if has_dots(rest.as_bytes()) {
        return Err(PathFault::Dots);
    }
    let mut decoded = rest.as_bytes().to_vec();
    for _ in 0..ROUNDS {
        if !decoded.contains(&b'%') {
            return Ok(());
        }
        decoded = percent_encoding::percent_decode(&decoded).collect();
        if decoded.starts_with(b"//") || decoded.starts_with(b"/\\") {
            return Err(PathFault::TwoSlashes);
        }
        if has_dots(&decoded) {
            return Err(PathFault::Dots);
        }
        if decoded.iter().any(u8::is_ascii_control) {
            return Err(PathFault::Characters);
        }
    }
    Ok(())
}

/// Returns true if a segment of the path is `.` or `..`, or that and what some servers cut
/// off.
fn has_dots(path: &[u8]) -> bool {
    let segments = path.split(|byte| matches!(byte, b'/' | b'\\'));
    segments.into_iter().any(|segment| {
        let name = segment.split(|byte| matches!(byte, b';' | b'?' | b'#')).next();
        matches!(name, Some(b"." | b".."))
    })
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::{Base, PathFault, keys_in};

    fn base(url: &str) -> Base {
        Base::of(&url.parse().expect("it is a URL"))
    }

    fn target(url: &str, rest: &str, query: Option<&str>) -> Result<String, PathFault> {
        base(url).target(rest, query).map(|target| target.to_string())
    }

    #[test]
    fn a_path_is_appended_to_that_of_the_base_url() {
        for (url, rest, expected) in [
            ("https://llm.example/v1", "/chat/completions", "/v1/chat/completions"),
            ("https://llm.example/v1/", "/models", "/v1/models"),
            ("https://llm.example", "/models", "/models"),
            ("https://llm.example/v1", "", "/v1"),
            ("https://llm.example", "", "/"),
            ("https://llm.example/v1", "/models/org%2Fname", "/v1/models/org%2Fname"),
            ("https://llm.example/v1", "/models/a..b/...", "/v1/models/a..b/..."),
            ("https://llm.example/v1", "/m/x:generate", "/v1/m/x:generate"),
        ] {
            assert_eq!(target(url, rest, None).as_deref(), Ok(expected), "{url} {rest}");
        }
    }

    #[test]
    fn a_path_that_a_server_could_read_as_another_place_is_refused() {
        for rest in [
            "//evil.example/x",
            "/%2Fevil.example",
            "/%2f%2fevil.example",
            "/../admin",
            "/..",
            "/.",
            "/a/../../admin",
            "/a/./b",
            "/%2e%2e/admin",
            "/.%2E/admin",
            "/%2e/admin",
            "/..%2fadmin",
            "/a%2f..%2f..%2fadmin",
            "/%252e%252e/admin",
            "/%25252e%25252e/admin",
            "/..;/admin",
            "/..;x=1/admin",
            "/%5cevil.example",
            "/..%5cadmin",
            "/a\\..\\admin",
            "/\\evil.example",
            "/a%0d%0aHost:%20evil.example",
            "/a%00b",
            "/ä",
            "/a b",
        ] {
            assert!(target("https://llm.example/v1", rest, None).is_err(), "{rest}");
        }
    }

    #[test]
    fn the_query_of_the_base_url_stays_and_a_clients_key_does_not() {
        let url = "https://llm.example/v1?api-version=2024";
        for (query, expected) in [
            (None, "/v1/x?api-version=2024"),
            (Some("a=1&b"), "/v1/x?api-version=2024&a=1&b"),
            (Some("key=pass&a=1"), "/v1/x?api-version=2024&a=1"),
            (Some("a=1&%6bey=pass&key"), "/v1/x?api-version=2024&a=1"),
            (Some("api-version=1999&a=1"), "/v1/x?api-version=2024&a=1"),
            (Some("keys=1&KEY=2"), "/v1/x?api-version=2024&keys=1&KEY=2"),
            (Some(""), "/v1/x?api-version=2024"),
        ] {
            assert_eq!(target(url, "/x", query).as_deref(), Ok(expected), "{query:?}");
        }
        assert_eq!(target("https://llm.example", "/x", Some("key=p")).as_deref(), Ok("/x"));
        assert!(keys_in("a=1&key=one&%6Bey=two&key").eq(["one", "two"]));
    }
}
