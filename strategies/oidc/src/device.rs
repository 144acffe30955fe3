//! Signing in with a code that the user types into a page on any device (RFC 8628).

use oauth::bindings::orchestration::auth::http::{Encoding, Response, send};
use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Request};
use oauth::errors::{ERROR, error, incomplete, no_answer, read, refused};
use oauth::issuer::Metadata;
use oauth::tokens::{self, post};

use crate::bindings::exports::orchestration::auth::sign_in::{Code, Next, Step};
use crate::client::Client;
use crate::endpoints::Endpoints;
use crate::session;

/// The secret that stands for the code when the server is asked about it.
const DEVICE_CODE: &str = "device_code";

/// The seconds between two questions if the server names none (RFC 8628, 3.2), and those
/// that each `slow_down` adds (3.5).
const INTERVAL: u32 = 5;

/// The seconds that a code lasts if the server does not say, which it must.
const LASTS: u32 = 600;

const WHAT: &str = "the code to sign in with";

/// Asks the server for a code, and shows it.
pub fn ask_for_code(
    client: &Client,
    metadata: &Metadata,
    endpoint: &str,
) -> Result<Next, AuthError> {
    let mut fields = client.fields();
    fields.extend(client.wanted().map(|(name, text)| tokens::text(name, text)));
    let read_at = [
        "/user_code",
        "/verification_uri",
        "/verification_url",
        "/verification_uri_complete",
        "/interval",
        "/expires_in",
    ];
    let mut request = post(endpoint, Encoding::Form, fields);
    request.read.extend(read_at.map(str::to_owned));
    request.take = vec![("/device_code".to_owned(), DEVICE_CODE.to_owned())];
    let response = send(&request).map_err(|fault| no_answer(WHAT, fault))?;
    if response.status != 200 {
        return Err(refused(WHAT, &response));
    }
    if response.taken.is_empty() {
        return Err(incomplete(WHAT, "device_code"));
    }
    let step = Step::Show(code_in(&response)?);
    let notes = Endpoints::of(metadata).notes();
    Ok(Next { step, secrets: vec![DEVICE_CODE.to_owned()], notes })
}

fn code_in(response: &Response) -> Result<Code, AuthError> {
    let text = |pointer| read(response, pointer).map(str::to_owned);
    let address = text("/verification_uri").or_else(|| text("/verification_url"));
    let seconds = |pointer| read(response, pointer).and_then(|text| text.parse().ok());
    Ok(Code {
        address: address.ok_or_else(|| incomplete(WHAT, "verification_uri"))?,
        complete: text("/verification_uri_complete"),
        code: text("/user_code").ok_or_else(|| incomplete(WHAT, "user_code"))?,
        interval: seconds("/interval").unwrap_or(INTERVAL),
        lasts: seconds("/expires_in").unwrap_or(LASTS),
    })
}

/// Asks the server whether the user has approved.
pub fn poll(
    client: &Client,
    request: &Request,
    notes: Vec<(String, String)>,
) -> Result<Next, AuthError> {
    let endpoints = Endpoints::in_notes(&notes);
    let mut fields = client.fields();
    fields.push(tokens::text("grant_type", GRANT));
    fields.push(tokens::secret("device_code", DEVICE_CODE));
    let again = |seconds| Next {
        step: Step::Wait(seconds),
        secrets: vec![DEVICE_CODE.to_owned()],
        notes: notes.clone(),
    };
    let answer = tokens::ask(post(&endpoints.token, Encoding::Form, fields));
    let response = match answer {
        Ok(response) => response,
        // A server that is away for a moment must not end a sign-in that the user is in the
        // middle of; the code's own end does.
        Err(fault) if fault.kind == ErrorKind::Unavailable => return Ok(again(INTERVAL)),
        Err(fault) => return Err(fault),
    };
    match (response.status, read(&response, ERROR)) {
        (200, _) => session::begin(request, &response, &endpoints),
        (_, Some("authorization_pending")) => Ok(again(0)),
        (_, Some("slow_down")) => Ok(again(INTERVAL)),
        (_, Some("access_denied")) => {
            Err(error(ErrorKind::Invalid, "the sign-in was refused on the page", None))
        }
        (_, Some("expired_token")) => Err(error(ErrorKind::Expired, "the code has ended", None)),
        (408 | 429 | 500.., _) => Ok(again(INTERVAL)),
        _ => Err(refused("the sign-in", &response)),
    }
}

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
