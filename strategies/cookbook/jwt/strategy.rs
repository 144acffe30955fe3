//! A JSON Web Token that something else put into a variable, until it expires.

use frame::{AuthError, Credentials, ErrorKind, Recipe, Request, Source};
use frame::{api_key, error, secrets, take_key};
use serde::Deserialize;

#[derive(Deserialize)]
struct Claims {
    /// A number that may have a fraction (RFC 7519, 2).
    exp: Option<f64>,
}

struct Jwt;

impl Recipe for Jwt {
    const AUTH_TYPE: &str = "jwt";
    const SUMMARY: &str = "a JSON Web Token, until it expires";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        let variable = take_key(&request.profile, "token")?;
        let claims = secrets::claims("token").ok();
        let claims = claims.and_then(|json| serde_json::from_str::<Claims>(&json).ok());
        let Some(Claims { exp }) = claims else {
            let message = format!("{variable} is not a JSON Web Token");
            return Err(error(
                ErrorKind::Invalid,
                &message,
                "its three parts are separated by dots",
            ));
        };
        // The host compares it with the clock.
        Ok(api_key("token", Source::Environment(variable), exp.map(|end| end as u64)))
    }
}

frame::export!(Jwt with_types_in frame);
