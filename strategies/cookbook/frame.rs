//! What the recipes have in common: the contract as Rust, an explicit key, and the words for
//! what goes wrong.

wit_bindgen::generate!({
    path: "wit",
    world: "session-strategy",
    export_macro_name: "export",
    pub_export_macro: true,
});

pub use exports::orchestration::auth::strategy::Guest;
pub use orchestration::auth::types::{
    AuthError, Credentials, Description, ErrorKind, Part, Profile, Request, Source,
};
pub use orchestration::auth::{environment, files, http, secrets, store};

/// A recipe: what one strategy does differently from the others.
pub trait Recipe {
    /// The auth type that `describe` returns.
    const AUTH_TYPE: &str;
    /// What it does, in one line.
    const SUMMARY: &str;
    /// The variables that it uses besides the one that the profile names.
    const ENVIRONMENT: &[&str] = &[];

    /// Returns the credential, without asking a server.
    fn credentials(request: &Request) -> Result<Credentials, AuthError>;

    /// Gets a new credential from a server.
    fn refresh(_: &Request) -> Result<(), AuthError> {
        Ok(())
    }
}

impl<T: Recipe> Guest for T {
    fn describe() -> Description {
        Description {
            auth_type: T::AUTH_TYPE.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: T::SUMMARY.into(),
            environment: T::ENVIRONMENT.iter().map(|name| name.to_string()).collect(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        match request.explicit_key {
            true => Ok(api_key("explicit", Source::Explicit, None)),
            false => T::credentials(&request),
        }
    }

    fn refresh_if_needed(request: Request) -> Result<(), AuthError> {
        match request.explicit_key {
            true => Ok(()),
            false => T::refresh(&request),
        }
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

/// Returns the credential `api_key`, whose text is this secret.
pub fn api_key(secret: &str, source: Source, expires_at: Option<u64>) -> Credentials {
    Credentials { values: vec![("api_key".into(), secret.into())], source, expires_at }
}

/// Makes the variable that the profile names the secret `name`, and returns the variable.
pub fn take_key(profile: &Profile, name: &str) -> Result<String, AuthError> {
    let Some(variable) = profile.api_key_env.clone() else {
        let hint = format!("add api_key_env to [profiles.{}]", profile.name);
        return Err(error(ErrorKind::Missing, "the profile names no variable", &hint));
    };
    match take_variable(&variable, name)? {
        true => Ok(variable),
        false => Err(missing(&variable)),
    }
}

/// Makes a variable the secret `name`; false if nothing is set.
pub fn take_variable(variable: &str, name: &str) -> Result<bool, AuthError> {
    let taken = environment::take(variable, name).map_err(|fault| unusable(variable, fault))?;
    Ok(taken == environment::Presence::Set)
}

/// The error of a variable that cannot be used.
pub fn unusable(variable: &str, fault: environment::EnvironmentError) -> AuthError {
    match fault {
        environment::EnvironmentError::Denied => {
            error(ErrorKind::Denied, &format!("{variable} is not granted"), "")
        }
        environment::EnvironmentError::NotUnicode => {
            error(ErrorKind::Invalid, &format!("{variable} is not Unicode"), "set it again")
        }
    }
}

/// The error of a variable without a value.
pub fn missing(variable: &str) -> AuthError {
    let hint = format!("set it with: export {variable}=...");
    error(ErrorKind::Missing, &format!("{variable} is not set"), &hint)
}

/// Returns an error. An empty hint is none.
pub fn error(kind: ErrorKind, message: &str, hint: &str) -> AuthError {
    AuthError { kind, message: message.into(), hint: (!hint.is_empty()).then(|| hint.into()) }
}

/// Returns an option of the profile, from `[profiles.NAME.options]`.
pub fn option<'a>(profile: &'a Profile, wanted: &str) -> Option<&'a str> {
    let found = profile.options.iter().find(|(name, _)| name == wanted);
    found.map(|(_, text)| text.as_str())
}

/// Returns the address of `path` at the server that the profile names as its `issuer`.
pub fn at_issuer(profile: &Profile, path: &str) -> Result<String, AuthError> {
    let Some(issuer) = &profile.issuer else {
        let hint = format!("add issuer to [profiles.{}]", profile.name);
        return Err(error(ErrorKind::Unsupported, "the profile names no issuer", &hint));
    };
    Ok(format!("{}{path}", issuer.trim_end_matches('/')))
}

/// Returns the field `name` with a text.
pub fn text(name: &str, text: &str) -> (String, Part) {
    (name.into(), Part::Text(text.into()))
}

/// Returns the field `name` with the secret `secret`.
pub fn secret(name: &str, secret: &str) -> (String, Part) {
    (name.into(), Part::Secret(secret.into()))
}

/// Returns a request that posts fields as a form, takes these parts of the answer as secrets,
/// and reads why the server refuses and how long what it gives lasts.
pub fn post(url: String, fields: Vec<(String, Part)>, take: &[(&str, &str)]) -> http::Request {
    http::Request {
        method: "POST".into(),
        url,
        headers: Vec::new(),
        authorization: None,
        encoding: http::Encoding::Form,
        fields,
        read: ["/error", "/error_description", "/expires_in"].map(String::from).to_vec(),
        take: take.iter().map(|(at, name)| (at.to_string(), name.to_string())).collect(),
    }
}

/// Sends a request. An answer without the secret `wanted` is an error.
pub fn send(request: &http::Request, wanted: &str) -> Result<http::Response, AuthError> {
    accepted(http::send(request).map_err(no_answer)?, wanted)
}

/// Returns the answer, if it is one with the secret `wanted`.
pub fn accepted(response: http::Response, wanted: &str) -> Result<http::Response, AuthError> {
    match response.taken.iter().any(|name| name == wanted) {
        true if response.status == 200 => Ok(response),
        _ => Err(refused(&response)),
    }
}

/// The error of a request without an answer.
pub fn no_answer(fault: http::HttpError) -> AuthError {
    use http::HttpError::{Denied, Malformed, NoSecret, Offline};
    match fault {
        Denied => error(ErrorKind::Denied, "the server is not granted", ""),
        Malformed | NoSecret | Offline => {
            error(ErrorKind::Internal, "the request is not in order", "")
        }
        // It may pass: a timeout, no connection, a portal that redirects.
        fault => error(ErrorKind::Unavailable, &format!("no answer: {}", fault.name()), ""),
    }
}

/// The error of an answer that gives nothing. Only a server that says so has refused: anything
/// else may come from something in between, which knows nothing of the credential.
fn refused(response: &http::Response) -> AuthError {
    let status = response.status;
    match (status, read(response, "/error")) {
        (400..=403, Some(reason)) => {
            let said = read(response, "/error_description").unwrap_or_default();
            error(ErrorKind::Invalid, &format!("the server refuses: {reason} {said}"), "")
        }
        (401, None) => error(ErrorKind::Invalid, "the server refuses the credential", ""),
        _ => error(ErrorKind::Unavailable, &format!("the server answered with {status}"), ""),
    }
}

/// Returns what the strategy may read at this pointer of the answer.
pub fn read<'a>(response: &'a http::Response, pointer: &str) -> Option<&'a str> {
    let found = response.read.iter().find(|(at, _)| at == pointer);
    found.map(|(_, text)| text.as_str())
}

/// Returns when what the server gave expires, or in five minutes if it does not say.
pub fn end_of(request: &Request, response: &http::Response) -> u64 {
    let seconds = read(response, "/expires_in").and_then(|text| text.parse().ok());
    request.now.saturating_add(seconds.filter(|seconds| *seconds > 0).unwrap_or(300))
}

/// Returns the token that an earlier call saved, while it lasts.
pub fn saved(request: &Request) -> Result<Option<Credentials>, AuthError> {
    let session = store::load().map_err(|fault| no_session(fault.name()))?;
    let end = session.and_then(|session| session.expires_at);
    let end = end.filter(|end| *end > request.now);
    Ok(end.map(|end| api_key("access", Source::Session, Some(end))))
}

/// Saves secrets, until then.
pub fn save(secrets: &[&str], expires_at: u64) -> Result<(), AuthError> {
    let secrets = secrets.iter().map(|name| name.to_string()).collect();
    let expires_at = Some(expires_at);
    let session = store::Session { secrets, notes: Vec::new(), account: None, expires_at };
    store::save(&session).map_err(|fault| no_session(fault.name()))
}

/// The error of a session that can't be loaded or saved.
pub fn no_session(why: &str) -> AuthError {
    error(ErrorKind::Internal, &format!("the session cannot be used: {why}"), "")
}

/// The error that makes the host call `refresh-if-needed`.
pub fn renewable() -> AuthError {
    error(ErrorKind::Renewable, "the next use gets a token", "")
}
