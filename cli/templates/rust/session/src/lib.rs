//! The strategy `{{name}}`: the user signs in with a code on any device (RFC 8628), and
//! stays signed in.
//!
//! It never sees a token. The host keeps the secrets of a call and of the session; the
//! strategy says which one goes into which request, and which part of an answer becomes
//! which secret.

mod server;

wit_bindgen::generate!({ path: "wit", world: "sign-in-strategy" });

use exports::orchestration::auth::sign_in::{Code, Guest as SignIn, Next, Step};
use exports::orchestration::auth::strategy::Guest;
use orchestration::auth::http::Response;
use orchestration::auth::store::{self, Session};
use orchestration::auth::types::{AuthError, Credentials, Description, ErrorKind, Request, Source};
use server::{error, post, read, refused, secret, text, took};

// Change these: where your server answers, below the `issuer` of the profile, and what
// the token is for.
const DEVICE: &str = "/device/code";
const TOKEN: &str = "/token";
const REVOKE: &str = "/revoke";
const SCOPE: &str = "llm";

// The names of the secrets. A session with one named `refresh` is shown as one that
// renews itself.
const ACCESS: &str = "access";
const REFRESH: &str = "refresh";
const DEVICE_CODE: &str = "device_code";

/// What is taken from an answer with tokens.
const TOKENS: &[(&str, &str)] = &[("/access_token", ACCESS), ("/refresh_token", REFRESH)];

struct Strategy;

impl Guest for Strategy {
    fn describe() -> Description {
        Description {
            auth_type: "{{name}}".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "signs in with a code, and renews the session".into(),
            // Variables that it uses.
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        if request.explicit_key {
            return Ok(api_key("explicit", Source::Explicit, None));
        }
        let session = load()?.ok_or_else(|| error(ErrorKind::Missing, "not signed in"))?;
        match session.expires_at {
            Some(end) if end <= request.now && renews(&session) => {
                Err(error(ErrorKind::Renewable, "the access token has expired"))
            }
            end => Ok(api_key(ACCESS, Source::Session, end)),
        }
    }

    fn refresh_if_needed(request: Request) -> Result<(), AuthError> {
        let Some(session) = load()?.filter(renews) else {
            return Ok(());
        };
        let fields = vec![
            text("grant_type", "refresh_token"),
            secret("refresh_token", REFRESH),
        ];
        let answer = post(&request, TOKEN, fields, TOKENS)?;
        match (answer.status, read(&answer, "/error")) {
            // The old refresh token stays under its name unless the server sends a new one.
            (200, _) => save(&request, &answer, session.secrets),
            (_, Some("invalid_grant")) => {
                store::forget().map_err(|_| error(ErrorKind::Internal, "nothing was forgotten"))?;
                Err(error(ErrorKind::Expired, "the session has ended"))
            }
            _ => Err(refused(&answer)),
        }
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

impl SignIn for Strategy {
    fn begin(request: Request, _browser: bool) -> Result<Next, AuthError> {
        let take = [("/device_code", DEVICE_CODE)];
        let answer = post(&request, DEVICE, vec![text("scope", SCOPE)], &take)?;
        let seconds = |pointer| read(&answer, pointer)?.parse().ok();
        let (Some(address), Some(code), true) = (
            read(&answer, "/verification_uri"),
            read(&answer, "/user_code"),
            took(&answer, DEVICE_CODE),
        ) else {
            return Err(refused(&answer));
        };
        Ok(next(Step::Show(Code {
            address: address.into(),
            complete: read(&answer, "/verification_uri_complete").map(str::to_owned),
            code: code.into(),
            interval: seconds("/interval").unwrap_or(5),
            lasts: seconds("/expires_in").unwrap_or(600),
        })))
    }

    fn resume(request: Request, _notes: Vec<(String, String)>) -> Result<Next, AuthError> {
        match poll(&request) {
            // A server that is away for a moment does not end the sign-in.
            Err(fault) if fault.kind == ErrorKind::Unavailable => Ok(next(Step::Wait(5))),
            polled => polled.map(next),
        }
    }

    /// Tells the server that the tokens are not used any more (RFC 7009).
    fn end(request: Request) -> Result<(), AuthError> {
        let Some(session) = load()? else {
            return Ok(());
        };
        let token = if renews(&session) { REFRESH } else { ACCESS };
        let answer = post(&request, REVOKE, vec![secret("token", token)], &[])?;
        match answer.status {
            200 => Ok(()),
            _ => Err(refused(&answer)),
        }
    }
}

/// Asks the server whether the user has approved.
fn poll(request: &Request) -> Result<Step, AuthError> {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let fields = vec![
        text("grant_type", grant),
        secret("device_code", DEVICE_CODE),
    ];
    let answer = post(request, TOKEN, fields, TOKENS)?;
    match (answer.status, read(&answer, "/error")) {
        (200, _) => save(request, &answer, Vec::new()).map(|()| Step::Done),
        (_, Some("authorization_pending")) => Ok(Step::Wait(0)),
        (_, Some("slow_down")) => Ok(Step::Wait(5)),
        _ => Err(refused(&answer)),
    }
}

/// Returns the credential `api_key`, whose text is this secret.
fn api_key(secret: &str, source: Source, expires_at: Option<u64>) -> Credentials {
    let values = vec![("api_key".into(), secret.into())];
    Credentials {
        values,
        source,
        expires_at,
    }
}

/// Returns what happens next. The device code is there again then.
fn next(step: Step) -> Next {
    let secrets = match step {
        Step::Done => Vec::new(),
        _ => vec![DEVICE_CODE.into()],
    };
    Next {
        step,
        secrets,
        notes: Vec::new(),
    }
}

fn load() -> Result<Option<Session>, AuthError> {
    store::load().map_err(|_| error(ErrorKind::Internal, "the session cannot be loaded"))
}

/// Saves the session with the tokens of an answer, and with the secrets that it had.
fn save(request: &Request, answer: &Response, mut secrets: Vec<String>) -> Result<(), AuthError> {
    if !took(answer, ACCESS) {
        return Err(refused(answer));
    }
    for name in &answer.taken {
        if !secrets.contains(name) {
            secrets.push(name.clone());
        }
    }
    let lasts = read(answer, "/expires_in").and_then(|text| text.parse::<u64>().ok());
    let expires_at = lasts.and_then(|lasts| request.now.checked_add(lasts));
    store::save(&Session {
        secrets,
        notes: Vec::new(),
        account: None,
        expires_at,
    })
    .map_err(|_| error(ErrorKind::Internal, "the session cannot be saved"))
}

fn renews(session: &Session) -> bool {
    session.secrets.iter().any(|name| name == REFRESH)
}

export!(Strategy);
