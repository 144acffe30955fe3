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

oauth::bindings!("sign-in-strategy");

use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Profile, Request};
use oauth::errors::{error, unset};

use bindings::exports::orchestration::auth::sign_in::{Guest as SignIn, Next, Page, Step};

struct OpenRouter;

oauth::strategy!(
    OpenRouter,
    "openrouter",
    "signs in to OpenRouter in the browser, and gets an API key",
    session::credentials,
    nothing_to_renew
);

/// A key does not expire.
fn nothing_to_renew(_: &Request) -> Result<(), AuthError> {
    Ok(())
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
