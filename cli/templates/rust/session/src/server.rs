//! Requests to the server of the profile, and what goes wrong with them.

use crate::orchestration::auth::http::{self, Encoding, HttpError, Response};
use crate::orchestration::auth::types::{AuthError, ErrorKind, Part, Request};

/// What is read from every answer. Each of these is public by its RFC.
const READ: [&str; 7] = [
    "/error",
    "/error_description",
    "/expires_in",
    "/interval",
    "/user_code",
    "/verification_uri",
    "/verification_uri_complete",
];

/// Posts a form to the server, as the client that the profile names, and takes secrets
/// from the answer: JSON pointers and names.
pub fn post(
    request: &Request,
    path: &str,
    mut fields: Vec<(String, Part)>,
    take: &[(&str, &str)],
) -> Result<Response, AuthError> {
    let profile = &request.profile;
    let option = |name| profile.options.iter().find(|(option, _)| option == name);
    let (Some(issuer), Some((_, client))) = (&profile.issuer, option("client_id")) else {
        let kind = ErrorKind::Unsupported;
        return Err(error(
            kind,
            "the profile needs `issuer` and `options.client_id`",
        ));
    };
    fields.push(text("client_id", client));
    http::send(&http::Request {
        method: "POST".into(),
        url: format!("{}{path}", issuer.trim_end_matches('/')),
        headers: Vec::new(),
        authorization: None,
        encoding: Encoding::Form,
        fields,
        read: READ.map(str::to_owned).to_vec(),
        take: take
            .iter()
            .map(|&(pointer, name)| (pointer.into(), name.into()))
            .collect(),
    })
    .map_err(no_answer)
}

/// Returns a field with a text.
pub fn text(name: &str, text: &str) -> (String, Part) {
    (name.into(), Part::Text(text.into()))
}

/// Returns a field with the secret of this name.
pub fn secret(name: &str, secret: &str) -> (String, Part) {
    (name.into(), Part::Secret(secret.into()))
}

/// Returns what was read at this pointer.
pub fn read<'a>(answer: &'a Response, pointer: &str) -> Option<&'a str> {
    let found = answer.read.iter().find(|(read, _)| read == pointer);
    found.map(|(_, text)| text.as_str())
}

/// Returns whether the answer had the secret of this name.
pub fn took(answer: &Response, name: &str) -> bool {
    answer.taken.iter().any(|taken| taken == name)
}

/// The error of a server that refuses, in its own words (RFC 6749, 5.2). One that gives
/// no reason may be out of order, which says nothing about the session.
pub fn refused(answer: &Response) -> AuthError {
    let reason = read(answer, "/error");
    let said = read(answer, "/error_description").or(reason);
    match (answer.status, reason) {
        (408 | 429 | 500.., _) | (_, None) => {
            let message = format!("the server answered with status {}", answer.status);
            error(ErrorKind::Unavailable, message)
        }
        _ => error(
            ErrorKind::Invalid,
            format!("the server refuses: {}", said.unwrap_or("?")),
        ),
    }
}

fn no_answer(fault: HttpError) -> AuthError {
    match fault {
        HttpError::Denied => error(ErrorKind::Denied, "the server is not granted"),
        HttpError::NoSecret | HttpError::Malformed | HttpError::Offline => {
            error(ErrorKind::Internal, "the request cannot be sent")
        }
        _ => error(
            ErrorKind::Unavailable,
            format!("no answer of the server: {fault}"),
        ),
    }
}

pub fn error(kind: ErrorKind, message: impl Into<String>) -> AuthError {
    AuthError {
        kind,
        message: message.into(),
        hint: None,
    }
}
