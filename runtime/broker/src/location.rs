//! Where a redirect leads.
//!
//! The broker follows none. One to a place below the base URL leads the client there through
//! the broker; any other is the client's own affair, and carries no credential.

use hyper::Uri;
use hyper::header::{HeaderMap, HeaderValue, LOCATION};

use crate::upstream::Upstream;

/// Turns the place that the answer redirects to into one of the broker, if there is one.
pub(crate) fn rewrite(headers: &mut HeaderMap, upstream: &Upstream) {
    let below = headers.get(LOCATION).and_then(|location| {
        let location = location.to_str().ok()?;
        // A path relative to that of the request stays what it is.
        let is_relative = !location.starts_with('/') && !location.contains("://");
        if is_relative {
            return None;
        }
        let location: Uri = location.parse().ok()?;
        let rest =
            upstream.base().below(&location, upstream.host().as_bytes(), upstream.scheme())?;
        HeaderValue::try_from(format!("/p/{}{rest}", upstream.profile())).ok()
    });
    if let Some(location) = below {
        headers.insert(LOCATION, location);
    }
}
