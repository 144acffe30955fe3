//! Requests to the token endpoint, and the names of what comes back.

use crate::bindings::orchestration::auth::http::{self, Encoding, Response, send};
use crate::bindings::orchestration::auth::types::{AuthError, Part};
use crate::errors::{DESCRIPTION, ERROR, no_answer};
use crate::metadata::Metadata;

/// The secret with the access token.
pub const ACCESS: &str = "access";
/// The secret with the refresh token.
pub const REFRESH: &str = "refresh";
/// The secret with the ID token, which says who the user is.
pub const ID: &str = "id";
/// Where the answer says how many seconds the access token lasts.
pub const EXPIRES_IN: &str = "/expires_in";

/// The endpoints that a session needs, which are noted: the server is not asked again for
/// its description each time.
pub struct Endpoints {
    pub token: String,
    pub revocation: Option<String>,
}

const TOKEN_NOTE: &str = "token_endpoint";
const REVOCATION_NOTE: &str = "revocation_endpoint";

impl Endpoints {
    pub fn of(metadata: &Metadata) -> Self {
        let token = metadata.token_endpoint.clone();
        Self { token, revocation: metadata.revocation_endpoint.clone() }
    }

    pub fn in_notes(notes: &[(String, String)]) -> Self {
        let note = |wanted: &str| {
            notes.iter().find(|(name, _)| name == wanted).map(|(_, text)| text.clone())
        };
        Self { token: note(TOKEN_NOTE).unwrap_or_default(), revocation: note(REVOCATION_NOTE) }
    }

    pub fn notes(&self) -> Vec<(String, String)> {
        let revocation = self.revocation.iter().map(|text| (REVOCATION_NOTE, text));
        let noted = [(TOKEN_NOTE, &self.token)].into_iter().chain(revocation);
        noted.map(|(name, text)| (name.to_owned(), text.clone())).collect()
    }
}

/// Returns a request that posts a form, and reads why it is refused.
pub fn post(address: &str, fields: Vec<(String, Part)>) -> http::Request {
    http::Request {
        method: "POST".to_owned(),
        url: address.to_owned(),
        headers: Vec::new(),
        authorization: None,
        encoding: Encoding::Form,
        fields,
        read: [ERROR, DESCRIPTION].map(str::to_owned).to_vec(),
        take: Vec::new(),
    }
}

/// Asks the token endpoint, and takes the tokens that it answers with.
pub fn ask(endpoint: &str, fields: Vec<(String, Part)>) -> Result<Response, AuthError> {
    let mut request = post(endpoint, fields);
    request.read.push(EXPIRES_IN.to_owned());
    let tokens = [("/access_token", ACCESS), ("/refresh_token", REFRESH), ("/id_token", ID)];
    request.take = tokens.map(|(pointer, name)| (pointer.to_owned(), name.to_owned())).to_vec();
    send(&request).map_err(|fault| no_answer("the token", fault))
}
