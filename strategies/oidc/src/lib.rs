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

/// What `wit/` says, as Rust.
#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "sign-in-strategy",
        with: {
            "orchestration:auth/types@0.2.0": oauth::bindings::orchestration::auth::types,
            "orchestration:auth/environment@0.2.0": oauth::bindings::orchestration::auth::environment,
            "orchestration:auth/files@0.2.0": oauth::bindings::orchestration::auth::files,
            "orchestration:auth/secrets@0.2.0": oauth::bindings::orchestration::auth::secrets,
            "orchestration:auth/http@0.2.0": oauth::bindings::orchestration::auth::http,
            "orchestration:auth/store@0.2.0": oauth::bindings::orchestration::auth::store,
        },
    });
}

use oauth::bindings::orchestration::auth::types::{AuthError, Credentials, Description, Request};
use oauth::issuer::discover;

use bindings::exports::orchestration::auth::sign_in::{Guest as SignIn, Next};
use bindings::exports::orchestration::auth::strategy::Guest;

struct Oidc;

impl Guest for Oidc {
    fn describe() -> Description {
        Description {
            auth_type: "oidc".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "signs in to an OpenID provider, and renews the session".into(),
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        session::credentials(&request)
    }

    fn refresh_if_needed(request: Request) -> Result<(), AuthError> {
        session::renew(&request)
    }

    fn is_valid(request: Request) -> bool {
        session::credentials(&request).is_ok()
    }
}

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
