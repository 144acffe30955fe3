//! The strategy `openrouter`: the user signs in on OpenRouter's page, which makes an API key
//! for this machine. No client has to be registered for that, and the key does not expire.
//!
//! The page is not that of an OAuth server: it calls the address to return to
//! `callback_url`, returns no `state`, and the code is exchanged with JSON. Only PKCE (RFC
//! 7636) is the same. Other servers that speak this protocol are named with `issuer`.
//!
//! The component never holds the key: the host takes it out of the answer, keeps it, and
//! puts it into requests.

mod exchange;
mod session;

/// The contract in `wit/`, in Rust.
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

use oauth::bindings::orchestration::auth::types::{
    AuthError, Credentials, Description, ErrorKind, Profile, Request,
};
use oauth::errors::{error, unset};

use bindings::exports::orchestration::auth::sign_in::{Guest as SignIn, Next, Page, Step};
use bindings::exports::orchestration::auth::strategy::Guest;

struct OpenRouter;

impl Guest for OpenRouter {
    fn describe() -> Description {
        Description {
            auth_type: "openrouter".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "signs in to OpenRouter in the browser, and gets an API key".into(),
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        session::credentials(&request)
    }

    /// A key does not expire, so there is nothing to renew.
    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(request: Request) -> bool {
        session::credentials(&request).is_ok()
    }
}

impl SignIn for OpenRouter {
    fn begin(request: Request, browser: bool) -> Result<Next, AuthError> {
        let site = site(&request.profile)?;
        if !browser {
            let message = format!("{site} offers no sign-in with a code");
            let hint = "Sign in on a machine with a browser, or with --paste".to_owned();
            return Err(error(ErrorKind::Unsupported, message, Some(hint)));
        }
        let page = Page { address: format!("{site}/auth"), callback: Some("callback_url".into()) };
        Ok(Next { step: Step::Open(page), secrets: Vec::new(), notes: Vec::new() })
    }

    fn resume(request: Request, _: Vec<(String, String)>) -> Result<Next, AuthError> {
        exchange::key_for_code(site(&request.profile)?)
    }

    /// A key can be deleted by its owner, on a page, and by no one else.
    fn end(request: Request) -> Result<(), AuthError> {
        let site = site(&request.profile)?;
        let hint = format!("Delete it on {site}/settings/keys: it does not expire");
        Err(error(ErrorKind::Unsupported, "only you can revoke the key", Some(hint)))
    }
}

/// Returns the address that everything of the server is below. The host names OpenRouter if
/// the profile names no issuer.
fn site(profile: &Profile) -> Result<&str, AuthError> {
    let issuer = profile.issuer.as_deref().map(|issuer| issuer.trim_end_matches('/'));
    issuer.ok_or_else(|| unset(profile, "issuer", "issuer"))
}

bindings::export!(OpenRouter with_types_in bindings);
