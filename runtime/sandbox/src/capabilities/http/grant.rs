//! Grants of servers, and of texts in their answers.

use orchestration_support::json::is_pointer;
use orchestration_support::url::HttpOrigin;

/// The key of `[strategies.NAME]` that lists the granted origins.
pub(crate) const TOML_KEY: &str = "origins";

/// The key of `[strategies.NAME]` that lists the granted texts.
pub(crate) const READABLE_TOML_KEY: &str = "readable";

/// The most bytes of an origin, as of every URL, and of a pointer that can be granted.
pub(crate) const MAX_ORIGIN: usize = 4096;
pub(crate) const MAX_POINTER: usize = 256;

/// Returns true if `text` is an origin that secrets may be sent to, in the one way in which
/// origins are written.
pub(crate) fn is_origin(text: &str) -> bool {
    text.parse::<HttpOrigin>().is_ok_and(|origin| origin.as_str() == text)
}

/// Names of values that are secret wherever they are used (RFC 6749, 7591, 7636, 8628,
/// 8693, OpenID Connect), and usual ones for keys.
const SECRET: &[&str] = &[
    "access_token",
    "actor_token",
    "api_key",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "id_token",
    "key",
    "password",
    "private_key",
    "refresh_token",
    "registration_access_token",
    "secret",
    "subject_token",
    "token",
];

/// Returns true if the text at this JSON pointer can be granted. Those of tokens can't: a
/// strategy that has to read them needs `reveal`, and says so.
///
/// ```
/// use orchestration_sandbox::is_readable;
///
/// assert!(is_readable("/account/name"));
/// assert!(!is_readable("account"));
/// assert!(!is_readable("/data/access_token"));
/// ```
pub fn is_readable(pointer: &str) -> bool {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    let has_length = (1..=MAX_POINTER).contains(&pointer.len());
    has_length && is_pointer(pointer) && !is_secret(name)
}

fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}
