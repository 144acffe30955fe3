//! Which headers are passed on.
//!
//! A header that belongs to one connection says nothing on the next, and one that both
//! sides understand differently lets a request be two. A header that says where a request
//! comes from is the client's word on it, which a provider might believe. And what a client
//! shows as a key is a pass, which is nobody's business behind the broker.

use hyper::HeaderMap;
use hyper::header::{
    ACCEPT_ENCODING, ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST,
    HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING,
    UPGRADE, VIA,
};

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// The headers in which clients show a key.
pub(crate) const KEY_HEADERS: [HeaderName; 4] = [AUTHORIZATION, X_API_KEY, API_KEY, X_GOOG_API_KEY];

/// The headers that belong to one connection.
const OF_CONNECTION: [HeaderName; 8] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    PROXY_AUTHORIZATION,
    PROXY_AUTHENTICATE,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What else of a client's request is not passed on.
const OF_CLIENT: [HeaderName; 8] =
    [HOST, CONTENT_LENGTH, EXPECT, FORWARDED, HTTP2_SETTINGS, VIA, X_REAL_IP, ACCEPT_ENCODING];

/// Begins the names of headers about where a request comes from.
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Turns the headers of a client's request into those for the provider, without those that
/// the profile sets.
pub(crate) fn clean_request(headers: &mut HeaderMap) {
    let takes_trailers = headers.get_all(TE).iter().any(|value| has_token(value, "trailers"));
    remove_connection(headers);
    remove_client(headers);
    if takes_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    // An error is searched for the key before it is passed on, which takes plain text.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// Turns the trailers of a client's request into those for the provider: a server may read them
/// as headers.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap) {
    remove_connection(trailers);
    remove_client(trailers);
}

/// Turns the headers of a provider's answer into those for the client.
pub(crate) fn clean_answer(headers: &mut HeaderMap) {
    // Of two lengths only one was used.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    remove_connection(headers);
    // It would lead the client around the broker.
    headers.remove(ALT_SVC);
}

/// Removes what a client shows as a key, and what it says of itself.
fn remove_client(headers: &mut HeaderMap) {
    for name in OF_CLIENT.iter().chain(&KEY_HEADERS) {
        headers.remove(name);
    }
    let is_forwarded = |name: &&HeaderName| name.as_str().starts_with(FORWARDED_PREFIX);
    let forwarded: Vec<HeaderName> = headers.keys().filter(is_forwarded).cloned().collect();
    for name in forwarded {
        headers.remove(name);
    }
}

/// Removes what belongs to the connection, and what `Connection` says does.
fn remove_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in OF_CONNECTION.iter().chain(&named) {
        headers.remove(name);
    }
}

/// Returns true if the list in `value` has this item, apart from case.
pub(crate) fn has_token(value: &HeaderValue, token: &str) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(',').any(|item| item.trim().eq_ignore_ascii_case(token))
}
