//! The issuer of a profile, and what it says about itself: the addresses of its endpoints.
//!
//! OpenID Connect Discovery appends its path to the issuer, RFC 8414 inserts it before the
//! issuer's path. Providers have one or both.

use crate::bindings::orchestration::auth::http::{Encoding, Request, Response, send};
use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind, Profile};
use crate::errors::{error, incomplete, no_answer, read, refused, unset};
use crate::grant::unknown;
use crate::options::option;

/// The endpoints of an issuer.
pub struct Metadata {
    /// Where tokens are got (RFC 6749).
    pub token_endpoint: String,
    /// Where a code to sign in with is got (RFC 8628).
    pub device_authorization_endpoint: Option<String>,
    /// The page to sign in on (RFC 6749).
    pub authorization_endpoint: Option<String>,
    /// Where tokens are ended (RFC 7009).
    pub revocation_endpoint: Option<String>,
}

const ISSUER: &str = "/issuer";
const TOKEN: &str = "/token_endpoint";
const DEVICE: &str = "/device_authorization_endpoint";
const AUTHORIZATION: &str = "/authorization_endpoint";
const REVOCATION: &str = "/revocation_endpoint";

/// Returns the issuer of the profile.
pub fn of(profile: &Profile) -> Result<&str, AuthError> {
    profile.issuer.as_deref().ok_or_else(|| unset(profile, "issuer", "issuer"))
}

/// Returns the token endpoint: the option `token_endpoint`, which is a path at the issuer's
/// origin, or the one that the issuer names.
///
/// The strategy need not judge where the issuer leads. The host sends nothing to another
/// origin than the issuer's, unless the user grants it.
pub fn token_endpoint(profile: &Profile) -> Result<String, AuthError> {
    let issuer = of(profile)?;
    match option(profile, "token_endpoint") {
        None => Ok(discover(issuer)?.token_endpoint),
        Some(path) if path.starts_with('/') => Ok(format!("{}{path}", origin(issuer))),
        Some(_) => Err(unknown(profile, "token_endpoint", "a path at the issuer, e.g. /token")),
    }
}

fn origin(issuer: &str) -> &str {
    let start = issuer.find("://").map_or(0, |at| at + "://".len());
    let path = issuer.get(start..).and_then(|rest| rest.find('/'));
    path.and_then(|length| issuer.get(..start + length)).unwrap_or(issuer)
}

/// Asks the issuer. Its answer must be about itself: that of another issuer would lead the
/// tokens somewhere else (RFC 8414, 3.3).
pub fn discover(issuer: &str) -> Result<Metadata, AuthError> {
    let issuer = issuer.trim_end_matches('/');
    let what = format!("the description of {issuer}");
    let mut response = ask(&format!("{issuer}/.well-known/openid-configuration"), &what)?;
    if response.status == 404
        && let Some(address) = inserted(issuer)
    {
        response = ask(&address, &what)?;
    }
    if response.status != 200 {
        return Err(refused(&what, &response));
    }
    let text = |pointer| read(&response, pointer).map(str::to_owned);
    let named = text(ISSUER).unwrap_or_default();
    if named.trim_end_matches('/') != issuer {
        let message = format!("{what} is that of another issuer, {named}");
        let hint = "Correct the profile's issuer".to_owned();
        return Err(error(ErrorKind::Invalid, message, Some(hint)));
    }
    Ok(Metadata {
        token_endpoint: text(TOKEN).ok_or_else(|| incomplete(&what, "token_endpoint"))?,
        device_authorization_endpoint: text(DEVICE),
        authorization_endpoint: text(AUTHORIZATION),
        revocation_endpoint: text(REVOCATION),
    })
}

fn ask(address: &str, what: &str) -> Result<Response, AuthError> {
    let read = [ISSUER, TOKEN, DEVICE, AUTHORIZATION, REVOCATION];
    let request = Request {
        method: "GET".to_owned(),
        url: address.to_owned(),
        headers: Vec::new(),
        authorization: None,
        encoding: Encoding::Form,
        fields: Vec::new(),
        read: read.map(str::to_owned).to_vec(),
        take: Vec::new(),
    };
    send(&request).map_err(|fault| no_answer(what, fault))
}

/// Returns the address of RFC 8414 for an issuer.
fn inserted(issuer: &str) -> Option<String> {
    let path = issuer.strip_prefix(origin(issuer))?;
    Some(format!("{}/.well-known/oauth-authorization-server{path}", origin(issuer)))
}
