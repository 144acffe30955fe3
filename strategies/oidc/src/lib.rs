//! The strategy `oidc`: the user signs in to an OpenID provider, with a code (RFC 8628) or
//! in the browser (RFC 6749 with PKCE, RFC 7636), and stays signed in.
//!
//! It never holds a token. The host keeps the secrets under the names in [`oauth::tokens`], puts
//! them into requests, and takes them out of answers; this component says which goes where,
//! and decides what each answer of the server means.

mod client;
mod device;
mod endpoints;
mod page;
mod session;

oauth::bindings!("sign-in-strategy");

use oauth::bindings::orchestration::auth::types::{AuthError, Request};
use oauth::issuer::discover;

use bindings::exports::orchestration::auth::sign_in::{Guest as SignIn, Next};

struct Oidc;

oauth::strategy!(
    Oidc,
    "oidc",
    "signs in to an OpenID provider, and renews the session",
    session::credentials,
    session::renew
);

impl SignIn for Oidc {
    fn begin(request: Request, browser: bool) -> Result<Next, AuthError> {
        let client = client::Client::of(&request.profile)?;
        let metadata = discover(&client.issuer)?;
        match (&metadata.device_authorization_endpoint, &metadata.authorization_endpoint) {
            (_, Some(endpoint)) if browser => page::open(&client, &metadata, endpoint),
            (Some(endpoint), _) => device::ask_for_code(&client, &metadata, endpoint),
            (None, _) => Err(client.no_way_without_a_browser()),
        }
    }

    fn resume(request: Request, notes: Vec<(String, String)>) -> Result<Next, AuthError> {
        let client = client::Client::of(&request.profile)?;
        match notes.iter().any(|(name, _)| name == page::NOTE) {
            true => page::exchange(&client, &request, notes),
            false => device::poll(&client, &request, notes),
        }
    }

    fn end(request: Request) -> Result<(), AuthError> {
        session::revoke(&request)
    }
}

bindings::export!(Oidc with_types_in bindings);
