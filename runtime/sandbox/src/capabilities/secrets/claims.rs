//! The tool `claims`: shows what a JWT claims, without what makes it valid.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestration_support::json::Json;
use orchestration_support::redact::repeats_secret;
use zeroize::Zeroizing;

use super::Held;
use crate::bindings::orchestration::auth::secrets::ToolError;

/// The most bytes of a JWT that is looked into. No server accepts a header as long.
const MAX_TOKEN: usize = 64 << 10;

/// Returns the payload of a JWT, unless it repeats one of `secrets`.
pub(super) fn claims<'a>(
    token: &Held,
    secrets: impl IntoIterator<Item = &'a str>,
) -> Result<String, ToolError> {
    if token.is_made() {
        return Err(ToolError::Made);
    }
    let mut payload = payload(token.text()).ok_or(ToolError::Malformed)?;
    if repeats_secret(&payload, secrets) {
        return Err(ToolError::Leak);
    }
    Ok(std::mem::take(&mut *payload))
}

/// Returns the payload of a signed JWT (RFC 7519): three parts in base64url, of which the
/// first two are JSON objects, and the first names an algorithm.
fn payload(token: &str) -> Option<Zeroizing<String>> {
    // Files end with a line break.
    let token = Some(token.trim()).filter(|token| token.len() <= MAX_TOKEN)?;
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    // Without a signature, the claims would be all of the token.
    if parts.next().is_some() || decoded(signature)?.is_empty() {
        return None;
    }
    let (header, payload) = (text(header)?, text(payload)?);
    let is_header = Json::parse(&header).ok()?.at("/alg").and_then(Json::scalar).is_some();
    let is_payload = Json::parse(&payload).ok()?.is_object();
    (is_header && is_payload).then_some(payload)
}

fn text(part: &str) -> Option<Zeroizing<String>> {
    let mut bytes = decoded(part)?;
    let text = String::from_utf8(std::mem::take(&mut *bytes));
    text.map(Zeroizing::new).map_err(|error| Zeroizing::new(error.into_bytes())).ok()
}

fn decoded(part: &str) -> Option<Zeroizing<Vec<u8>>> {
    super::base64::decoded(&URL_SAFE_NO_PAD, part.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

    use super::{Held, ToolError, claims};

    const HEADER: &str = r#"{"alg":"RS256"}"#;
    const PAYLOAD: &str = r#"{"iss":"https://login.corp.example","exp":1300819380}"#;

    /// The example of RFC 7515, appendix A.1.
    const RFC_7515: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
         eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
         dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn encoded(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    fn jwt(header: &str, payload: &str, signature: &str) -> String {
        format!("{}.{}.{}", encoded(header), encoded(payload), encoded(signature))
    }

    fn shown(token: &str) -> Result<String, ToolError> {
        claims(&Held::found(token.into()), [token])
    }

    fn is_malformed(token: &str) -> bool {
        matches!(shown(token), Err(ToolError::Malformed))
    }

    #[test]
    fn the_claims_of_rfc_7515_are_shown_as_they_are() {
        let claims = shown(RFC_7515).unwrap();
        let expected =
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        assert_eq!(claims, expected);
        assert_eq!(shown(&format!("{RFC_7515}\n")).unwrap(), expected);
    }

    #[test]
    fn a_text_that_is_no_jwt_is_malformed() {
        let valid = jwt(HEADER, PAYLOAD, "signature");
        assert_eq!(shown(&valid).unwrap(), PAYLOAD);
        let texts = [
            String::new(),
            "sk-proj-0123456789".to_owned(),
            "..".to_owned(),
            "a.b.c".to_owned(),
            // Parts that are missing, or too many: a JWE has five.
            valid.replacen('.', "", 1),
            format!("{valid}.{valid}"),
            format!("{valid}.e.f"),
            // Parts that are not what they should be.
            jwt(HEADER, "[]", "x"),
            jwt(HEADER, "\"text\"", "x"),
            jwt(HEADER, "{\"a\":1", "x"),
            jwt(HEADER, "{} {}", "x"),
            jwt("[]", PAYLOAD, "x"),
            jwt("{}", PAYLOAD, "x"),
            jwt("{\"alg\":null}", PAYLOAD, "x"),
            // In other alphabets.
            format!("{}.{}.AAAA", URL_SAFE.encode(HEADER), URL_SAFE.encode(PAYLOAD)),
            format!("{}.{}.AAAA", encoded(HEADER), STANDARD.encode("{\"a\":\"\u{3ff}\u{3ff}?>\"}")),
            format!("{}.{}.AA+A", encoded(HEADER), encoded(PAYLOAD)),
            // Not UTF-8.
            format!("{}.{}.AAAA", encoded(HEADER), URL_SAFE_NO_PAD.encode(b"{\"a\":\"\xff\"}")),
        ];
        for text in texts {
            assert!(is_malformed(&text), "{text}");
        }
    }

    #[test]
    fn a_jwt_without_a_signature_is_malformed_because_its_claims_are_all_of_it() {
        assert!(is_malformed(&jwt(r#"{"alg":"none"}"#, PAYLOAD, "")));
    }

    #[test]
    fn a_jwt_of_more_than_64_kib_is_malformed() {
        let of = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes));
        assert!(shown(&jwt(HEADER, &of(48_000), "x")).is_ok());
        assert!(is_malformed(&jwt(HEADER, &of(50_000), "x")));
    }

    #[test]
    fn claims_that_repeat_a_secret_are_not_shown() {
        let secret = "sk-live-Zq81/LmVtR7f";
        let payloads = [
            format!("{{\"key\":\"{secret}\"}}"),
            format!("{{\"{secret}\":1}}"),
            "{\"key\":\"sk-live-Zq81\\/LmVt\\u00527f\"}".to_owned(),
            format!("{{\"key\":\"{}\"}}", STANDARD.encode(format!("user:{secret}"))),
            "{\"key\":\"sk-live-Zq81%2fLmVtR7f\"}".to_owned(),
        ];
        for payload in payloads {
            let token = jwt(HEADER, &payload, "x");
            let shown = claims(&Held::found(token.as_str().into()), [&*token, secret]);
            assert!(matches!(shown, Err(ToolError::Leak)), "{payload}");
        }
    }

    #[test]
    fn a_made_jwt_is_not_looked_into() {
        let token = jwt(HEADER, PAYLOAD, "x");
        for made in [Held::composed(token.clone()), Held::generated(token)] {
            assert!(matches!(claims(&made, []), Err(ToolError::Made)));
        }
    }
}
