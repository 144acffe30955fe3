//! The strategy `assume-role`: temporary credentials of a role, for a request that is
//! signed with a long-lived key, as AWS and its like hand them out.
//!
//! The option `access_key_id` says whose key it is, and `role` which role is wanted. The key
//! is in the variable that the profile names. The strategy never sees it: the host signs with
//! it, and what comes back is named and kept in the session.

wit_bindgen::generate!({ path: "wit", world: "session-strategy" });

use exports::orchestration::auth::strategy::Guest;
use orchestration::auth::environment::{self, Presence};
use orchestration::auth::http::{self, Encoding, HttpError, Response};
use orchestration::auth::secrets::{self, Algorithm};
use orchestration::auth::store::{self, Session};
use orchestration::auth::types::{
    AuthError, Credentials, Description, ErrorKind, Part, Request, Source,
};

/// How long the credentials last, which the request says and the answer repeats.
const SECONDS: u64 = 3600;

/// The parts of the credential: where they are in the answer, and what they are called, here
/// and by `auth token --format aws`.
const PARTS: [(&str, &str); 3] = [
    ("/credentials/access_key_id", "access_key_id"),
    ("/credentials/secret_access_key", "secret_access_key"),
    ("/credentials/session_token", "session_token"),
];

struct Strategy;

impl Guest for Strategy {
    fn describe() -> Description {
        Description {
            auth_type: "assume-role".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "temporary credentials of a role, for a signed request".into(),
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        if request.explicit_key {
            let values = vec![("api_key".into(), "explicit".into())];
            return Ok(Credentials {
                values,
                source: Source::Explicit,
                expires_at: None,
            });
        }
        take_key(&request)?;
        let session = store::load().map_err(|_| internal("the session cannot be loaded"))?;
        match session {
            Some(session) if session.expires_at.is_some_and(|end| end > request.now) => {
                Ok(Credentials {
                    values: PARTS.map(|(_, name)| (name.into(), name.into())).to_vec(),
                    source: Source::Session,
                    expires_at: session.expires_at,
                })
            }
            _ => Err(error(ErrorKind::Renewable, "the role is not assumed", None)),
        }
    }

    fn refresh_if_needed(request: Request) -> Result<(), AuthError> {
        take_key(&request)?;
        let answer = assume(&request)?;
        if answer.status != 200 || answer.taken.len() != PARTS.len() {
            return Err(refused(&answer));
        }
        store::save(&Session {
            secrets: answer.taken,
            notes: Vec::new(),
            account: None,
            expires_at: Some(request.now + SECONDS),
        })
        .map_err(|_| internal("the session cannot be saved"))
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

/// Makes the key of the profile the secret `key`.
fn take_key(request: &Request) -> Result<(), AuthError> {
    let Some(variable) = &request.profile.api_key_env else {
        let hint = format!("add api_key_env to [profiles.{}]", request.profile.name);
        return Err(error(
            ErrorKind::Missing,
            "the profile names no variable",
            Some(hint),
        ));
    };
    match environment::take(variable, "key") {
        Ok(Presence::Set) => Ok(()),
        Ok(_) => {
            let hint = format!("set it with: export {variable}=your-key-here");
            let message = format!("{variable} is not set");
            Err(error(ErrorKind::Missing, &message, Some(hint)))
        }
        Err(_) => {
            let message = format!("{variable} cannot be used");
            Err(error(ErrorKind::Denied, &message, None))
        }
    }
}

/// Asks for the role. The signature is over all that the request says, so none of it can be
/// changed or sent again later.
fn assume(request: &Request) -> Result<Response, AuthError> {
    let role = option(request, "role")?;
    let key_id = option(request, "access_key_id")?;
    let now = request.now.to_string();
    let seconds = SECONDS.to_string();
    let signed = format!("POST\n/assume-role\n{now}\n{key_id}\n{role}\n{seconds}");
    secrets::sign("key", Algorithm::Hs256, &[Part::Text(signed)], "signature").map_err(|_| {
        let hint = "it has at least 32 bytes".to_owned();
        error(ErrorKind::Invalid, "the key cannot sign", Some(hint))
    })?;
    let credential = format!("Credential={key_id}, Signature=");
    let parts = [Part::Text(credential), Part::Secret("signature".into())];
    secrets::concat(&parts, "authorization").map_err(|_| internal("no signature"))?;
    let issuer = request.profile.issuer.as_deref().unwrap_or_default();
    http::send(&http::Request {
        method: "POST".into(),
        url: format!("{}/assume-role", issuer.trim_end_matches('/')),
        headers: vec![("X-Date".into(), Part::Text(now))],
        authorization: Some(("HMAC-SHA256".into(), "authorization".into())),
        encoding: Encoding::Json,
        fields: vec![
            ("role".into(), Part::Text(role.into())),
            ("duration_seconds".into(), Part::Text(seconds)),
        ],
        read: vec!["/error".into(), "/error_description".into()],
        take: PARTS
            .map(|(pointer, name)| (pointer.into(), name.into()))
            .to_vec(),
    })
    .map_err(no_answer)
}

/// Returns an option of the profile.
fn option<'a>(request: &'a Request, name: &str) -> Result<&'a str, AuthError> {
    let options = &request.profile.options;
    let found = options.iter().find(|(option, _)| option == name);
    found.map(|(_, text)| text.as_str()).ok_or_else(|| {
        let message = format!("the profile has no options.{name}");
        error(ErrorKind::Unsupported, &message, None)
    })
}

/// The error of a server that refuses. One that gives no reason may be out of order.
fn refused(answer: &Response) -> AuthError {
    let read = |pointer| answer.read.iter().find(|(read, _)| read == pointer);
    match read("/error_description").or(read("/error")) {
        Some((_, reason)) if answer.status < 500 => error(
            ErrorKind::Invalid,
            &format!("the server refuses: {reason}"),
            None,
        ),
        _ => {
            let message = format!("the server answered with status {}", answer.status);
            error(ErrorKind::Unavailable, &message, None)
        }
    }
}

fn no_answer(fault: HttpError) -> AuthError {
    match fault {
        HttpError::Denied => error(ErrorKind::Denied, "the server is not granted", None),
        HttpError::NoSecret | HttpError::Malformed | HttpError::Offline => {
            internal("the request cannot be sent")
        }
        _ => error(ErrorKind::Unavailable, "the server did not answer", None),
    }
}

fn internal(message: &str) -> AuthError {
    error(ErrorKind::Internal, message, None)
}

fn error(kind: ErrorKind, message: &str, hint: Option<String>) -> AuthError {
    AuthError {
        kind,
        message: message.into(),
        hint,
    }
}

export!(Strategy);
