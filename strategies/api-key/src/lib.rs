//! The strategy `api_key`: a key from the caller, a variable or a file, and none at all
//! for an endpoint on this machine.
//!
//! It is a component like any other and gets no favours: it takes what the host has
//! granted, and never sees the text of a key. `resolution` has the order in which it
//! looks, `missing` what it says if there is none, `loopback` the one rule that decides
//! whether a key is needed; `heap` is why a call costs the host little.

mod heap;
mod loopback;
mod missing;
mod resolution;

/// What `wit/` says, as Rust.
#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "auth-strategy" });
}

use bindings::exports::orchestration::auth::strategy::Guest;
use bindings::orchestration::auth::types::{AuthError, Credentials, Description, Request};

struct ApiKey;

impl Guest for ApiKey {
    fn describe() -> Description {
        Description {
            auth_type: "api_key".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "a key from the caller, a variable or a file; none for a local endpoint"
                .into(),
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        resolution::resolve(request)
    }

    /// A key has no end that this strategy could know, so nothing is renewed.
    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(request: Request) -> bool {
        resolution::resolve(request).is_ok()
    }
}

bindings::export!(ApiKey with_types_in bindings);
