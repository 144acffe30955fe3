//! Headers that carry secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestration_support::header::is_connection_header;
use orchestration_support::{Secret, redact};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
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

/// Returns the value of a header that carries nothing but the key.
///
/// # Errors
///
/// Fails with [`HttpError::Key`] if no header can carry the key.
pub fn bare(key: &Secret) -> Result<HeaderValue, HttpError> {
    secret_value(key.expose()).ok_or(HttpError::Key)
}

/// Returns the value of a header that carries a user and a password: `Basic` and both in
/// base64.
///
/// ```
/// use orchestration_support::Secret;
///
/// let value = orchestration_egress::basic(&Secret::from("me"), &Secret::from("pass"));
/// assert_eq!(value, "Basic bWU6cGFzcw==");
/// assert!(value.is_sensitive());
/// ```
pub fn basic(user: &Secret, password: &Secret) -> HeaderValue {
    let both = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(both.as_bytes())));
    // Base64 has no character that a header can't carry.
    secret_value(&text).unwrap_or(HeaderValue::from_static("Basic"))
}

/// Returns a header whose value is not logged.
///
/// # Errors
///
/// Fails with [`HttpError::Header`] if no header can carry the name or the value, and with
/// [`HttpError::ConnectionHeader`] if it belongs to the connection.
pub fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), HttpError> {
    if is_connection_header(name) {
        return Err(HttpError::ConnectionHeader(redact::sanitize(name, [])));
    }
    let pair = name.parse().ok().zip(secret_value(value));
    pair.ok_or_else(|| HttpError::Header(redact::sanitize(name, [])))
}

/// Returns the secrets that `headers` carry: the values that are not logged, each without
/// the scheme before it, such as `Bearer`. A server may repeat any of them.
///
/// ```
/// use orchestration_support::Secret;
/// use reqwest::header::{AUTHORIZATION, HeaderMap};
///
/// let value = orchestration_egress::bearer(&Secret::from("sk-1234"))?;
/// let secrets = orchestration_egress::secrets(&HeaderMap::from_iter([(AUTHORIZATION, value)]));
/// assert_eq!(secrets.iter().map(Secret::expose).collect::<Vec<_>>(), ["sk-1234"]);
/// # Ok::<(), orchestration_egress::HttpError>(())
/// ```
pub fn secrets(headers: &HeaderMap) -> Vec<Secret> {
    let secret = headers.values().filter(|value| value.is_sensitive());
    let texts = secret.filter_map(|value| value.to_str().ok());
    texts.map(|text| Secret::from(without_scheme(text))).collect()
}

/// Returns what follows the scheme. The blank between them is not part of the secret, and
/// would be redacted with it.
fn without_scheme(value: &str) -> &str {
    const SCHEMES: [&str; 5] = ["ApiKey", "Basic", "Bearer", "Key", "Token"];
    match value.split_once(' ') {
        Some((scheme, secret)) if SCHEMES.iter().any(|s| s.eq_ignore_ascii_case(scheme)) => secret,
        _ => value,
    }
}

fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
