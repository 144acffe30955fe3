//! Which headers are passed on.
//!
//! A header that belongs to one connection says nothing on the next, and one that both
//! sides understand differently lets a request be two. A header that says where a request
//! comes from is the client's word on it, which a provider might believe. And what a client
//! shows as a key is a pass, which is no one's business behind the broker.

use hyper::HeaderMap;
use hyper::header::{
    ACCEPT_ENCODING, ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue,
    TE, TRANSFER_ENCODING,
};

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// The headers in which clients show a key.
pub(crate) const KEY_HEADERS: [HeaderName; 4] = [AUTHORIZATION, X_API_KEY, API_KEY, X_GOOG_API_KEY];

/// Begins the names of headers about where a request comes from.
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Turns the headers of a client's request into those for the provider, without those that
/// the profile sets.
pub(crate) fn clean_request(headers: &mut HeaderMap) {
    let takes_trailers = headers.get_all(TE).iter().any(|value| has_token(value, "trailers"));
    remove(headers, is_of_client);
    if takes_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    // An error is searched for the key before it is passed on, which takes plain text.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// Turns the trailers of a client's request into those for the provider: a server may read them
/// as headers.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap) {
    remove(trailers, is_of_client);
}

/// Turns the headers of a provider's answer into those for the client.
pub(crate) fn clean_answer(headers: &mut HeaderMap) {
    // Of two lengths only one was used.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    // The last one would lead the client around the broker.
    remove(headers, |name| *name == ALT_SVC);
}

/// Removes what belongs to the connection, what `Connection` says does, and what else is
/// unwanted. Few of them are there, so it asks what each header is, and not for each that
/// could be.
fn remove(headers: &mut HeaderMap, is_unwanted: impl Fn(&HeaderName) -> bool) {
    let named = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok());
    let is_found = |name: &&HeaderName| is_of_connection(name.as_str()) || is_unwanted(name);
    let found: Vec<HeaderName> = headers.keys().filter(is_found).cloned().chain(named).collect();
    for name in found {
        headers.remove(name);
    }
}

/// Returns true for the headers that belong to one connection.
fn is_of_connection(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authorization"
            | "proxy-authenticate"
            | "te"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Returns true for what a client shows as a key, and for what it says of itself.
fn is_of_client(name: &HeaderName) -> bool {
    let is_named = matches!(
        name.as_str(),
        "host"
            | "content-length"
            | "expect"
            | "forwarded"
            | "http2-settings"
            | "via"
            | "x-real-ip"
            | "accept-encoding"
    );
    is_named || name.as_str().starts_with(FORWARDED_PREFIX) || KEY_HEADERS.contains(name)
}

/// Returns true if the list in `value` has this item, apart from case.
pub(crate) fn has_token(value: &HeaderValue, token: &str) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(',').any(|item| item.trim().eq_ignore_ascii_case(token))
}
