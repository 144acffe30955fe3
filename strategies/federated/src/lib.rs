//! The strategy `federated`: exchanges the token that a workload has anyway, from its
//! cluster or its CI, for one of the provider. No secret is stored anywhere.
//!
//! The token of the workload goes to the profile's issuer and nowhere else, and the
//! strategy never holds it.

mod exchange;
mod github;

/// What `wit/` says, as Rust.
#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "session-strategy",
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
use oauth::{issuer, minted, tokens};

use bindings::exports::orchestration::auth::strategy::Guest;
use exchange::Exchange;

struct Federated;

impl Guest for Federated {
    fn describe() -> Description {
        Description {
            auth_type: "federated".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "exchanges the token of a workload for one of the provider".into(),
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        minted::credentials(&request, || {
            let exchange = Exchange::of(&request.profile)?;
            exchange.source.is_there(&request.profile)?;
            issuer::of(&request.profile).map(drop)
        })
    }

    fn refresh_if_needed(request: Request) -> Result<(), AuthError> {
        if request.explicit_key {
            return Ok(());
        }
        let profile = &request.profile;
        let exchange = Exchange::of(profile)?;
        exchange.source.take(profile)?;
        let endpoint = issuer::token_endpoint(profile)?;
        minted::keep(&request, &tokens::ask(&endpoint, exchange.encoding, exchange.fields)?)
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

bindings::export!(Federated with_types_in bindings);
