//! The session: begun, used, renewed, and ended.

use oauth::bindings::orchestration::auth::http::{Encoding, Response, send};
use oauth::bindings::orchestration::auth::secrets;
use oauth::bindings::orchestration::auth::store::Session;
use oauth::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Request, Source,
};
use oauth::errors::{ERROR, error, incomplete, no_answer, read, refused};
use oauth::session::{has, load, save};
use oauth::tokens::{self, ACCESS, ID, REFRESH, life, post, took};
use serde::Deserialize;

use crate::bindings::exports::orchestration::auth::sign_in::{Next, Step};
use crate::client::Client;
use crate::endpoints::Endpoints;

/// Saves what the server answered a sign-in with.
pub fn begin(
    request: &Request,
    response: &Response,
    endpoints: &Endpoints,
) -> Result<Next, AuthError> {
    if !took(response, ACCESS) {
        return Err(incomplete("the sign-in", "access_token"));
    }
    let kept = [ACCESS, REFRESH].into_iter().filter(|name| took(response, name));
    save(&Session {
        secrets: kept.map(str::to_owned).collect(),
        notes: endpoints.notes(),
        account: took(response, ID).then(account).flatten(),
        expires_at: end_of(request, response),
    })?;
    Ok(Next { step: Step::Done, secrets: Vec::new(), notes: Vec::new() })
}

/// Returns the credential of the session, or the key that the caller passed.
pub fn credentials(request: &Request) -> Result<Credentials, AuthError> {
    if request.explicit_key {
        let values = vec![("api_key".to_owned(), "explicit".to_owned())];
        return Ok(Credentials { values, source: Source::Explicit, expires_at: None });
    }
    let Some(session) = load()? else {
        return Err(error(ErrorKind::Missing, "not signed in", None));
    };
    if session.expires_at.is_some_and(|end| end <= request.now) || !has(&session, ACCESS) {
        return Err(match has(&session, REFRESH) {
            true => error(ErrorKind::Renewable, "the access token has expired", None),
            false => ended(),
        });
    }
    let values = vec![("api_key".to_owned(), ACCESS.to_owned())];
    Ok(Credentials { values, source: Source::Session, expires_at: session.expires_at })
}

/// Gets a new access token for the refresh token (RFC 6749, 6). The host asks for it when
/// it is time.
pub fn renew(request: &Request) -> Result<(), AuthError> {
    let Some(session) = load()?.filter(|session| has(session, REFRESH)) else {
        return Ok(());
    };
    let client = Client::of(&request.profile)?;
    let endpoints = Endpoints::in_notes(&session.notes);
    let mut fields = client.fields();
    fields.push(tokens::text("grant_type", "refresh_token"));
    fields.push(tokens::secret("refresh_token", REFRESH));
    let response = tokens::ask(post(&endpoints.token, Encoding::Form, fields))?;
    match (response.status, read(&response, ERROR)) {
        (200, _) if took(&response, ACCESS) => {
            // The old refresh token stays under its name unless a new one was taken.
            let expires_at = end_of(request, &response);
            let secrets = vec![ACCESS.to_owned(), REFRESH.to_owned()];
            save(&Session { secrets, expires_at, ..session })
        }
        (200, _) => Err(incomplete("the renewal", "access_token")),
        (_, Some("invalid_grant")) => {
            // What is left says whose session it was.
            save(&Session { secrets: Vec::new(), expires_at: Some(request.now), ..session })?;
            Err(ended())
        }
        _ => Err(refused("the renewal", &response)),
    }
}

/// Tells the server that the tokens are not used any more (RFC 7009).
pub fn revoke(request: &Request) -> Result<(), AuthError> {
    let Some(session) = load()? else { return Ok(()) };
    let Some(endpoint) = Endpoints::in_notes(&session.notes).revocation else {
        let message = "the server has no way to end a session early".to_owned();
        return Err(error(ErrorKind::Unsupported, message, None));
    };
    let client = Client::of(&request.profile)?;
    // A server that ends a refresh token ends what came of it, too.
    let Some(token) = [REFRESH, ACCESS].into_iter().find(|name| has(&session, name)) else {
        return Ok(());
    };
    let mut fields = client.fields();
    fields.push(tokens::secret("token", token));
    fields.push(tokens::text("token_type_hint", format!("{token}_token")));
    let response = send(&post(&endpoint, Encoding::Form, fields))
        .map_err(|fault| no_answer("the end of the session", fault))?;
    match response.status {
        200 => Ok(()),
        _ => Err(refused("the end of the session", &response)),
    }
}

/// Returns whose session it is, as the ID token says. It came over TLS from the server
/// itself, so its signature need not be verified (OpenID Connect Core, 3.1.3.7).
fn account() -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        email: Option<String>,
        preferred_username: Option<String>,
        sub: Option<String>,
    }
    let claims: Claims = serde_json::from_str(&secrets::claims(ID).ok()?).ok()?;
    claims.email.or(claims.preferred_username).or(claims.sub)
}

/// Returns when the access token ends. Without a word from the server, or with one that no
/// token is worth, that is not known: the provider refuses the token when it has ended.
fn end_of(request: &Request, response: &Response) -> Option<u64> {
    let life = life(response).filter(|life| *life > 0)?;
    request.now.checked_add(life)
}

fn ended() -> AuthError {
    error(ErrorKind::Expired, "the session has ended", None)
}
