//! The session: begun, used, renewed, and ended.

use serde::Deserialize;

use crate::bindings::exports::orchestration::auth::sign_in::{Next, Step};
use crate::bindings::orchestration::auth::http::{Response, send};
use crate::bindings::orchestration::auth::secrets;
use crate::bindings::orchestration::auth::store::{self, Session};
use crate::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Part, Request, Source,
};
use crate::client::Client;
use crate::errors::{self, ERROR, error, incomplete, no_answer, read, refused};
use crate::tokens::{self, ACCESS, EXPIRES_IN, Endpoints, ID, REFRESH, post};

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
    save(Session {
        secrets: kept.map(str::to_owned).collect(),
        notes: endpoints.notes(),
        account: took(response, ID).then(account).flatten(),
        expires_at: end_of(request, response),
    })?;
    Ok(Next { step: Step::Done, secrets: Vec::new(), notes: Vec::new() })
}

/// Returns the credential of the session.
pub fn credentials(request: &Request) -> Result<Credentials, AuthError> {
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
    fields.push(("grant_type".into(), Part::Text("refresh_token".into())));
    fields.push(("refresh_token".into(), Part::Secret(REFRESH.into())));
    let response = tokens::ask(&endpoints.token, fields)?;
    match (response.status, read(&response, ERROR)) {
        (200, _) if took(&response, ACCESS) => {
            // The old refresh token stays under its name unless a new one was taken.
            let expires_at = end_of(request, &response);
            let secrets = vec![ACCESS.to_owned(), REFRESH.to_owned()];
            save(Session { secrets, expires_at, ..session })
        }
        (200, _) => Err(incomplete("the renewal", "access_token")),
        (_, Some("invalid_grant")) => {
            // What is left says whose session it was.
            save(Session { secrets: Vec::new(), expires_at: Some(request.now), ..session })?;
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
    fields.push(("token".into(), Part::Secret(token.into())));
    fields.push(("token_type_hint".into(), Part::Text(format!("{token}_token"))));
    let response = send(&post(&endpoint, fields))
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

/// Returns when the access token ends. Without a word from the server, that is not known.
fn end_of(request: &Request, response: &Response) -> Option<u64> {
    let seconds: u64 = read(response, EXPIRES_IN)?.parse().ok()?;
    request.now.checked_add(seconds)
}

fn ended() -> AuthError {
    error(ErrorKind::Expired, "the session has ended", None)
}

fn took(response: &Response, name: &str) -> bool {
    response.taken.iter().any(|taken| taken == name)
}

fn has(session: &Session, name: &str) -> bool {
    session.secrets.iter().any(|kept| kept == name)
}

fn load() -> Result<Option<Session>, AuthError> {
    store::load().map_err(|fault| errors::store("loaded", fault))
}

fn save(session: Session) -> Result<(), AuthError> {
    store::save(&session).map_err(|fault| errors::store("saved", fault))
}
