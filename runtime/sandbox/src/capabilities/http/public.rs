//! Which texts of an answer are meant for everyone.
//!
//! A strategy that talks with an OAuth server has to read some of what that says: the code
//! that the user is to type, or why a request was refused. It has to read no token. So
//! these are told apart by their names, which RFCs define, and by their form.

/// The most bytes of a text that can be read.
pub(super) const MAX_TEXT: usize = 2 << 10;

/// The most bytes of a number that can be read. A longer one is a text in disguise.
pub(super) const MAX_NUMBER: usize = 32;

/// Names of public texts at the top of an answer, besides those of endpoints.
const NAMES: &[&str] = &[
    // RFC 6749, OAuth 2.0: 5.1 and 5.2. RFC 7009 has the same errors.
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "scope",
    "token_type",
    // RFC 8414, metadata of a server. Lists are not texts.
    "issuer",
    "jwks_uri",
    "op_policy_uri",
    "op_tos_uri",
    "service_documentation",
    // RFC 8628, signing in with a code.
    "interval",
    "user_code",
    "verification_uri",
    "verification_uri_complete",
    // What some servers call it, among them the first drafts.
    "verification_url",
    "verification_url_complete",
    // RFC 8693, exchange of tokens.
    "issued_token_type",
];

/// The end of the names of addresses that a server has for each purpose (RFC 8414).
const ENDPOINT: &str = "_endpoint";

/// Returns true if every strategy may read `text`, which is at this JSON pointer into an
/// answer, unless it is too long.
///
/// ```
/// use orchestration_sandbox::is_public_text;
///
/// assert!(is_public_text("/error", "invalid_grant"));
/// assert!(is_public_text("/session/until", "2026-10-01T12:00:00Z"));
/// assert!(!is_public_text("/access_token", "at-1234567890"));
/// ```
pub fn is_public_text(pointer: &str, text: &str) -> bool {
    is_public(pointer) || is_time(text)
}

/// Returns true if the text at this JSON pointer into an answer is public, whatever it is.
fn is_public(pointer: &str) -> bool {
    let name = pointer.strip_prefix('/').filter(|name| !name.contains('/'));
    name.is_some_and(|name| NAMES.contains(&name) || name.ends_with(ENDPOINT))
}

/// Returns true if `text` is a time as in RFC 3339, e.g. `2026-10-01T12:00:00Z`.
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";

    let Some((start, rest)) = text.as_bytes().split_at_checked(FORM.len()) else {
        return false;
    };
    has_form(start, FORM) && is_rest_of_time(rest)
}

/// Returns true for the fraction of a second, of at most nanoseconds, and the zone.
fn is_rest_of_time(rest: &[u8]) -> bool {
    let zone = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match fraction.split_at_checked(digits) {
                Some((_, zone)) if (1..=9).contains(&digits) => zone,
                _ => return false,
            }
        }
    };
    has_form(zone, b"Z") || has_form(zone, b"+00:00") || has_form(zone, b"-00:00")
}

/// Returns true if `text` has digits where `form` has zeros, and otherwise the same letters.
fn has_form(text: &[u8], form: &[u8]) -> bool {
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        other => byte.eq_ignore_ascii_case(other),
    };
    text.len() == form.len() && text.iter().zip(form).all(fits)
}

#[cfg(test)]
mod tests {
    use super::{is_public, is_time};

    #[test]
    fn texts_that_rfcs_define_for_everyone_are_public_at_the_top_only() {
        for name in ["error", "error_description", "user_code", "token_endpoint", "issuer"] {
            assert!(is_public(&format!("/{name}")), "{name}");
            assert!(!is_public(&format!("/data/{name}")), "{name}");
            assert!(!is_public(&format!("/{name}/0")), "{name}");
            assert!(!is_public(&format!("/{name}/")), "{name}");
        }
        for place in [
            "",
            "/",
            "/access_token",
            "/refresh_token",
            "/id_token",
            "/device_code",
            "/Error",
            "/error ",
            "/token_endpoint_x",
            "/a~1error",
        ] {
            assert!(!is_public(place), "{place}");
        }
    }

    #[test]
    fn only_times_are_times() {
        for time in [
            "2026-10-01T12:00:00Z",
            "2026-10-01t12:00:00z",
            "2026-10-01T12:00:00.5Z",
            "2026-10-01T12:00:00.123456789+02:00",
            "2026-10-01T12:00:00-08:00",
        ] {
            assert!(is_time(time), "{time}");
        }
        for text in [
            "",
            "2026-10-01",
            "2026-10-01 12:00:00Z",
            "2026-10-01T12:00:00",
            "2026-10-01T12:00:00.Z",
            "2026-10-01T12:00:00.1234567890Z",
            "2026-10-01T12:00:00Z ",
            "2026-10-01T12:00:00ZZ",
            "2026-10-01T12:00:00+0200",
            "٢٠٢٦-10-01T12:00:00Z",
            "sk-2026-10-01T12:00:00Z",
        ] {
            assert!(!is_time(text), "{text}");
        }
    }
}
