//! Requests to the token endpoint, and the names of what comes back.

use crate::bindings::orchestration::auth::http::{Encoding, Request, Response, send};
use crate::bindings::orchestration::auth::types::{AuthError, Part};
use crate::errors::{DESCRIPTION, ERROR, no_answer, read};

/// The secret with the access token.
pub const ACCESS: &str = "access";
/// The secret with the refresh token.
pub const REFRESH: &str = "refresh";
/// The secret with the ID token, which says who the user is.
pub const ID: &str = "id";
/// Where the answer says how many seconds the access token lasts.
pub const EXPIRES_IN: &str = "/expires_in";

/// Returns a request that posts fields, and reads why it is refused.
pub fn post(address: &str, encoding: Encoding, fields: Vec<(String, Part)>) -> Request {
    Request {
        method: "POST".to_owned(),
        url: address.to_owned(),
        headers: Vec::new(),
        authorization: None,
        encoding,
        fields,
        read: [ERROR, DESCRIPTION].map(str::to_owned).to_vec(),
        take: Vec::new(),
    }
}

/// Sends a request to the token endpoint, and takes the tokens that it answers with.
pub fn ask(mut request: Request) -> Result<Response, AuthError> {
    request.read.push(EXPIRES_IN.to_owned());
    let tokens = [("/access_token", ACCESS), ("/refresh_token", REFRESH), ("/id_token", ID)];
    request.take = tokens.map(|(pointer, name)| (pointer.to_owned(), name.to_owned())).to_vec();
    send(&request).map_err(|fault| no_answer("the token", fault))
}

/// Returns the field `name` with a text.
pub fn text(name: impl Into<String>, text: impl Into<String>) -> (String, Part) {
    (name.into(), Part::Text(text.into()))
}

/// Returns the field `name` with a secret.
pub fn secret(name: impl Into<String>, secret: impl Into<String>) -> (String, Part) {
    (name.into(), Part::Secret(secret.into()))
}

/// Returns true if the answer had the secret of this name.
pub fn took(response: &Response, name: &str) -> bool {
    response.taken.iter().any(|taken| taken == name)
}

/// Returns how many seconds the access token lasts, if the server says so.
pub fn life(response: &Response) -> Option<u64> {
    read(response, EXPIRES_IN)?.parse().ok()
}
