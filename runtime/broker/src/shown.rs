//! The passes that a request shows.
//!
//! A client shows its pass where it would show a key, and each has its own place for that.
//! Some show two, e.g. Claude Code. One that is valid is enough: all are taken out before the
//! request is passed on.

use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use crate::headers::KEY_HEADERS;
use crate::pass::{Pass, find};
use crate::refusal::Refusal;
use crate::target::keys_in;

/// Returns the pass that a request shows.
pub(crate) fn pass_of<'a>(
    passes: &'a [Pass],
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<&'a Pass, Refusal> {
    let mut is_shown = false;
    let in_headers = headers.iter().filter(|(name, _)| KEY_HEADERS.contains(name));
    let in_headers = in_headers
        .map(|(name, value)| if *name == AUTHORIZATION { bearer(value) } else { value.as_bytes() });
    for shown in in_headers.filter(|shown| !shown.is_empty()) {
        is_shown = true;
        if let Some(pass) = find(passes, shown) {
            return Ok(pass);
        }
    }
    for shown in keys_in(uri.query().unwrap_or_default()) {
        is_shown = true;
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(shown).collect();
        if let Some(pass) = find(passes, &decoded) {
            return Ok(pass);
        }
    }
    Err(if is_shown { Refusal::WrongPass } else { Refusal::NoPass })
}

/// Returns what follows the scheme `Bearer`, or the whole value if it has another.
fn bearer(value: &HeaderValue) -> &[u8] {
    const BEARER: &[u8] = b"Bearer";
    let value = value.as_bytes();
    match value.split_at_checked(BEARER.len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(BEARER) => token.trim_ascii(),
        _ => value,
    }
}
