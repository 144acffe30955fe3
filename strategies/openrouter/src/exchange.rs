//! The code that came back from the page, exchanged for a key.

use oauth::bindings::orchestration::auth::http::{Encoding, Request, send};
use oauth::bindings::orchestration::auth::types::{AuthError, Part};
use oauth::errors::{incomplete, no_answer, read, refused_by_api};

use crate::bindings::exports::orchestration::auth::sign_in::{Next, Step};
use crate::session;

/// Who the key belongs to, and why there is none, in the server's words. The host grants
/// both to this strategy.
const USER: &str = "/user_id";
const REASON: &str = "/error/message";

/// Exchanges the code, which the host has under this name, and saves the key.
pub fn key_for_code(site: &str) -> Result<Next, AuthError> {
    let secret = |name: &str| (name.to_owned(), Part::Secret(name.to_owned()));
    let method = ("code_challenge_method".to_owned(), Part::Text("S256".to_owned()));
    let request = Request {
        method: "POST".to_owned(),
        url: format!("{site}/api/v1/auth/keys"),
        headers: Vec::new(),
        authorization: None,
        encoding: Encoding::Json,
        fields: vec![secret("code"), secret("code_verifier"), method],
        read: [USER, REASON].map(str::to_owned).to_vec(),
        take: vec![("/key".to_owned(), session::KEY.to_owned())],
    };
    let response = send(&request).map_err(|fault| no_answer("the key", fault))?;
    if response.status != 200 {
        return Err(refused_by_api("the sign-in", response.status, read(&response, REASON)));
    }
    if response.taken.is_empty() {
        return Err(incomplete("the sign-in", "key"));
    }
    session::save(read(&response, USER).map(str::to_owned))?;
    Ok(Next { step: Step::Done, secrets: Vec::new(), notes: Vec::new() })
}
