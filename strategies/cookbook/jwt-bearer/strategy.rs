//! An assertion that is signed with a private key, exchanged for a token (RFC 7523).

use frame::secrets::{Algorithm, Alphabet, ToolError};
use frame::{AuthError, Credentials, ErrorKind, Part, Recipe, Request};
use frame::{at_issuer, end_of, error, option, post, renewable, save, saved, secret, secrets};
use frame::{send, take_key, text};
use serde_json::json;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The seconds that an assertion is valid. It is sent at once.
const LASTS: u64 = 120;

struct JwtBearer;

impl Recipe for JwtBearer {
    const AUTH_TYPE: &str = "jwt-bearer";
    const SUMMARY: &str = "a token for an assertion, signed with a private key";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        if let Some(token) = saved(request)? {
            return Ok(token);
        }
        take_key(&request.profile, "key")?;
        Err(renewable())
    }

    fn refresh(request: &Request) -> Result<(), AuthError> {
        let profile = &request.profile;
        let variable = take_key(profile, "key")?;
        let Some(account) = option(profile, "account") else {
            let hint = format!("add options.account to [profiles.{}]", profile.name);
            return Err(error(ErrorKind::Unsupported, "the profile names no account", &hint));
        };
        let url = at_issuer(profile, "/token")?;
        sign(account, &url, request.now, "assertion").map_err(|fault| match fault {
            ToolError::BadKey => {
                let message = format!("{variable} is no private key on P-256");
                error(ErrorKind::Invalid, &message, "make one with: openssl ecparam -genkey")
            }
            _ => error(ErrorKind::Internal, "the assertion cannot be made", ""),
        })?;
        let fields = vec![text("grant_type", GRANT), secret("assertion", "assertion")];
        let answer = send(&post(url, fields, &[("/access_token", "access")]), "access")?;
        save(&["access"], end_of(request, &answer))
    }
}

/// Makes an assertion the secret `name`. The claims say for which server it is, so that no
/// other one can use it.
fn sign(account: &str, audience: &str, now: u64, name: &str) -> Result<(), ToolError> {
    let header = json!({ "alg": "ES256", "typ": "JWT" });
    let claims = json!({
        "iss": account, "sub": account, "aud": audience, "iat": now, "exp": now + LASTS,
    });
    encode(&header.to_string(), "header")?;
    encode(&claims.to_string(), "claims")?;
    let mut parts = vec![part("header"), Part::Text(".".into()), part("claims")];
    secrets::sign("key", Algorithm::Es256, &parts, "signature")?;
    parts.extend([Part::Text(".".into()), part("signature")]);
    secrets::concat(&parts, name)
}

fn encode(text: &str, name: &str) -> Result<(), ToolError> {
    secrets::concat(&[Part::Text(text.into())], name)?;
    secrets::base64(name, Alphabet::UrlSafe, name)
}

fn part(name: &str) -> Part {
    Part::Secret(name.into())
}

frame::export!(JwtBearer with_types_in frame);
