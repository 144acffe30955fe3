//! The strategy `none`: no credential, whatever the host.
//!
//! `api_key` decides by the host whether a key is needed, and only a loopback address
//! needs none. A server without a key on another machine looks like one that needs it:
//! only the user knows, and says it with `auth_type = "none"`.
//!
//! A key that the caller passes explicitly is used, as with every strategy: the contract
//! says that it goes before anything else.

/// The contract in `wit/`, in Rust.
#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "auth-strategy" });
}

use bindings::exports::orchestration::auth::strategy::Guest;
use bindings::orchestration::auth::types::{AuthError, Credentials, Description, Request, Source};

struct NoAuth;

impl Guest for NoAuth {
    fn describe() -> Description {
        Description {
            auth_type: "none".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "no credential, whatever the host".into(),
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        let (values, source) = match request.explicit_key {
            true => (vec![("api_key".into(), "explicit".into())], Source::Explicit),
            false => (Vec::new(), Source::NotNeeded),
        };
        Ok(Credentials { values, source, expires_at: None })
    }

    /// There is nothing to renew.
    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(_: Request) -> bool {
        true
    }
}

bindings::export!(NoAuth with_types_in bindings);
