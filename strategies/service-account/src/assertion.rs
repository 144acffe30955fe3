//! The assertion: a JWT that says who asks for a token (RFC 7523, 3).

use oauth::bindings::orchestration::auth::secrets::{self, Alphabet};
use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Part};
use oauth::errors::error;

use crate::account::Account;
use crate::json::Object;
use crate::key::Key;

/// The seconds that an assertion is valid. It is sent at once; this is for clocks that
/// differ.
const LASTS: u64 = 300;

/// The secrets that the assertion is made of.
const HEADER: &str = "header";
const CLAIMS: &str = "claims";
const UNIQUE: &str = "jti";
const SIGNATURE: &str = "signature";
const ASSERTION: &str = "assertion";

/// Signs an assertion for the server at `endpoint`, and returns the name of its secret.
pub fn signed(
    key: &Key,
    account: &Account,
    endpoint: &str,
    now: u64,
) -> Result<&'static str, AuthError> {
    let text = |text: &str| Part::Text(text.to_owned());
    let secret = |name: &str| Part::Secret(name.to_owned());
    let header = Object::with("alg", &text(key.algorithm_name))
        .and("typ", &text("JWT"))
        .and_maybe("kid", key.id.as_ref());
    // Servers take an assertion once, which they know by its id.
    secrets::random(16, UNIQUE);
    let audience = account.audience.as_deref().unwrap_or(endpoint);
    let claims = Object::with("iss", &account.issuer)
        .and_maybe("sub", account.subject.as_ref())
        .and("aud", &text(audience))
        .and_maybe("scope", account.scope.as_deref().map(text).as_ref())
        .and("jti", &secret(UNIQUE))
        .and_number("iat", now)
        .and_number("exp", now.saturating_add(LASTS));
    encoded(header, HEADER)?;
    encoded(claims, CLAIMS)?;
    let mut parts = vec![secret(HEADER), text("."), secret(CLAIMS)];
    secrets::sign(key.secret, key.algorithm, &parts, SIGNATURE)
        .map_err(|fault| key.unfit(fault))?;
    parts.extend([text("."), secret(SIGNATURE)]);
    secrets::concat(&parts, ASSERTION).map_err(|_| not_made())?;
    Ok(ASSERTION)
}

/// Makes the object the secret `name`, in the alphabet of a JWT.
fn encoded(object: Object, name: &str) -> Result<(), AuthError> {
    let made = secrets::concat(&object.parts(), name);
    made.and_then(|()| secrets::base64(name, Alphabet::UrlSafe, name)).map_err(|_| not_made())
}

fn not_made() -> AuthError {
    error(ErrorKind::Internal, "the assertion can't be made", None)
}
