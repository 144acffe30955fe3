//! Which headers are passed on.
//!
//! A header that belongs to one connection says nothing on the next, and one that both
//! sides understand differently lets a request be two. A header that says where a request
//! comes from is the client's word on it, which a provider might believe. And what a client
//! shows as a key is a pass, which is no one's business behind the broker.

use std::collections::HashSet;

use hyper::HeaderMap;
use hyper::header::{
    ACCEPT_ENCODING, ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue,
    TE, TRANSFER_ENCODING,
};

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// The headers in which clients show a key.
pub(crate) static KEY_HEADERS: [HeaderName; 4] =
    [AUTHORIZATION, X_API_KEY, API_KEY, X_GOOG_API_KEY];

/// Begins the names of headers about where a request comes from.
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Returns the headers for the provider that are those of a client's request, with room for
/// `more`.
pub(crate) fn of_request(headers: &HeaderMap, more: usize) -> HeaderMap {
    let mut passed_on = HeaderMap::with_capacity(headers.len() + more);
    let named = named(headers);
    for (name, value) in headers {
        if *name == TE && has_token(value, "trailers") {
            passed_on.insert(TE, HeaderValue::from_static("trailers"));
        }
        if !is_of_connection(name.as_str()) && !is_of_client(name) && !named.contains(name) {
            passed_on.append(name, value.clone());
        }
    }
    // An error is searched for the key before it is passed on, which takes plain text.
    passed_on.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    passed_on
}

/// Turns the trailers of a client's request into those for the provider: a server may read them
/// as headers.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap) {
    remove(trailers, is_of_client);
}

/// Turns the headers of a provider's answer into those for the client.
pub(crate) fn clean_answer(headers: &mut HeaderMap) {
    // Of two lengths only one was used.
    if values(headers, &TRANSFER_ENCODING).next().is_some() {
        headers.remove(CONTENT_LENGTH);
    }
    // The last one would lead the client around the broker.
    remove(headers, |name| *name == ALT_SVC);
}

/// Removes what belongs to the connection, and what else is unwanted. Few of them are there, so
/// it asks what each header is, and not for each that could be.
fn remove(headers: &mut HeaderMap, is_unwanted: impl Fn(&HeaderName) -> bool) {
    let named = named(headers);
    let is_found = |name: &&HeaderName| {
        is_of_connection(name.as_str()) || is_unwanted(name) || named.contains(*name)
    };
    let found: Vec<HeaderName> = headers.keys().filter(is_found).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

/// Returns the headers that `Connection` says belong to it. A client may name thousands.
fn named(headers: &HeaderMap) -> HashSet<HeaderName> {
    // What most say is no name of a header.
    let is_name =
        |item: &&str| !["keep-alive", "close"].iter().any(|it| item.eq_ignore_ascii_case(it));
    values(headers, &CONNECTION)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
        .filter(is_name)
        .filter_map(|name| name.parse().ok())
        .collect()
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

/// Returns the values of a header. Most messages have few headers, which are looked through in
/// less time than a hash of the name takes.
pub(crate) fn values<'a>(
    headers: &'a HeaderMap,
    name: &'a HeaderName,
) -> impl Iterator<Item = &'a HeaderValue> {
    headers.iter().filter(move |(other, _)| *other == name).map(|(_, value)| value)
}

/// Returns true if the list in `value` has this item, apart from case.
pub(crate) fn has_token(value: &HeaderValue, token: &str) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(',').any(|item| item.trim().eq_ignore_ascii_case(token))
}
