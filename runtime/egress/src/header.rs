//! Headers that carry secrets.

use orchestration_support::{Secret, redact};
use reqwest::header::{HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::error::HttpError;

/// Returns the value of the header `Authorization`: `Bearer` and the key.
///
/// # Errors
///
/// Fails with [`HttpError::Key`] if no header can carry the key.
///
/// ```
/// use orchestration_support::Secret;
///
/// let value = orchestration_egress::bearer(&Secret::from("sk-1234"))?;
/// assert!(value.is_sensitive());
/// # Ok::<(), orchestration_egress::HttpError>(())
/// ```
pub fn bearer(key: &Secret) -> Result<HeaderValue, HttpError> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose()));
    secret_value(&text).ok_or(HttpError::Key)
}

/// Returns a header whose value is not logged.
///
/// # Errors
///
/// Fails with [`HttpError::Header`] if no header can carry the name or the value.
pub fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), HttpError> {
    let pair = name.parse().ok().zip(secret_value(value));
    pair.ok_or_else(|| HttpError::Header(redact::sanitize(name, [])))
}

fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
