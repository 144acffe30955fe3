//! What the issuer says about itself: the addresses of its endpoints.
//!
//! OpenID Connect Discovery appends its path to the issuer, RFC 8414 inserts it before the
//! issuer's path. Providers have one or both.

use crate::bindings::orchestration::auth::http::{Encoding, Request, Response, send};
use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind};
use crate::client::Client;
use crate::errors::{error, incomplete, no_answer, read, refused};

/// The endpoints of an issuer.
pub struct Metadata {
    pub token_endpoint: String,
    pub device_authorization_endpoint: Option<String>,
    pub authorization_endpoint: Option<String>,
    pub revocation_endpoint: Option<String>,
}

const ISSUER: &str = "/issuer";
const TOKEN: &str = "/token_endpoint";
const DEVICE: &str = "/device_authorization_endpoint";
const AUTHORIZATION: &str = "/authorization_endpoint";
const REVOCATION: &str = "/revocation_endpoint";

/// Asks the issuer. Its answer must be about itself: that of another issuer would lead the
/// sign-in somewhere else (RFC 8414, 3.3).
pub fn discover(client: &Client) -> Result<Metadata, AuthError> {
    let issuer = client.issuer.trim_end_matches('/');
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
    let (scheme, rest) = issuer.split_once("://")?;
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, format!("/{path}")),
        None => (rest, String::new()),
    };
    Some(format!("{scheme}://{host}/.well-known/oauth-authorization-server{path}"))
}
