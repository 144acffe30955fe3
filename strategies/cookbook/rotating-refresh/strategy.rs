//! A refresh token that the server replaces at each use. The first one is in a variable.

use frame::{AuthError, Credentials, ErrorKind, Profile, Recipe, Request};
use frame::{accepted, at_issuer, end_of, error, http, no_answer, no_session, post, read};
use frame::{renewable, save, saved, secret, store, take_key, text};

struct RotatingRefresh;

impl Recipe for RotatingRefresh {
    const AUTH_TYPE: &str = "rotating-refresh";
    const SUMMARY: &str = "a session that a refresh token renews";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        if let Some(token) = saved(request)? {
            return Ok(token);
        }
        take_refresh_token(&request.profile)?;
        Err(renewable())
    }

    fn refresh(request: &Request) -> Result<(), AuthError> {
        take_refresh_token(&request.profile)?;
        let fields = vec![text("grant_type", "refresh_token"), secret("refresh_token", "refresh")];
        // If the server returns no refresh token, the old one is still the secret `refresh`.
        let take = [("/access_token", "access"), ("/refresh_token", "refresh")];
        let asked = post(at_issuer(&request.profile, "/token")?, fields, &take);
        let answer = http::send(&asked).map_err(no_answer)?;
        if read(&answer, "/error") == Some("invalid_grant") {
            // The next call starts with the variable again.
            store::forget().map_err(|fault| no_session(fault.name()))?;
            let hint = "put a new refresh token into the variable";
            return Err(error(ErrorKind::Expired, "the session has ended", hint));
        }
        let answer = accepted(answer, "access")?;
        save(&["access", "refresh"], end_of(request, &answer))
    }
}

/// Makes the refresh token of the session, or else of the variable, the secret `refresh`.
fn take_refresh_token(profile: &Profile) -> Result<(), AuthError> {
    match store::load().map_err(|fault| no_session(fault.name()))? {
        Some(_) => Ok(()),
        None => take_key(profile, "refresh").map(drop),
    }
}

frame::export!(RotatingRefresh with_types_in frame);
