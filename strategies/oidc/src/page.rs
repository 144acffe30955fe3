//! Signing in on a page in the browser, which leads back to this machine (RFC 8252).

use form_urlencoded::Serializer;
use oauth::bindings::orchestration::auth::http::Encoding;
use oauth::bindings::orchestration::auth::types::{AuthError, Request};
use oauth::errors::refused;
use oauth::issuer::Metadata;
use oauth::session::note;
use oauth::tokens::{self, post};

use crate::bindings::exports::orchestration::auth::sign_in::{Next, Page, Step};
use crate::client::Client;
use crate::endpoints::Endpoints;
use crate::session;

/// The note that says that a page was opened.
pub const NOTE: &str = "page";

/// The note, and the field, with the address that the page led back to.
const REDIRECT: &str = "redirect_uri";

/// Returns the page, without what the host adds.
pub fn open(client: &Client, metadata: &Metadata, endpoint: &str) -> Result<Next, AuthError> {
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    let mut query = Serializer::new(String::new());
    query.append_pair("response_type", "code").append_pair("client_id", &client.id);
    for (name, text) in client.wanted() {
        query.append_pair(name, text);
    }
    // Without it, some servers give no refresh token (OpenID Connect Core, 11).
    if client.scope.split(' ').any(|scope| scope == "offline_access") {
        query.append_pair("prompt", "consent");
    }
    let address = format!("{endpoint}{separator}{}", query.finish());
    let mut notes = Endpoints::of(metadata).notes();
    notes.push((NOTE.to_owned(), String::new()));
    Ok(Next { step: Step::Open(Page { address, callback: None }), secrets: Vec::new(), notes })
}

/// Exchanges the code that came back for tokens.
pub fn exchange(
    client: &Client,
    request: &Request,
    notes: Vec<(String, String)>,
) -> Result<Next, AuthError> {
    let endpoints = Endpoints::in_notes(&notes);
    let mut fields = client.fields();
    fields.push(tokens::text("grant_type", "authorization_code"));
    for name in ["code", "code_verifier"] {
        fields.push(tokens::secret(name, name));
    }
    fields.push(tokens::text(REDIRECT, note(&notes, REDIRECT).unwrap_or_default()));
    let response = tokens::ask(post(&endpoints.token, Encoding::Form, fields))?;
    match response.status {
        200 => session::begin(request, &response, &endpoints),
        _ => Err(refused("the sign-in", &response)),
    }
}
