//! The strategy `federated`: exchanges the token that a workload has anyway, from its
//! cluster or its CI, for one of the provider. No secret is stored anywhere.
//!
//! The token of the workload goes to the profile's issuer and nowhere else, and the
//! strategy never holds it.

mod client;
mod exchange;
mod github;
mod impersonated;
mod time;

oauth::bindings!("session-strategy");

use oauth::bindings::orchestration::auth::types::{AuthError, Credentials, Request};
use oauth::{issuer, minted, tokens};

use client::Client;
use exchange::Exchange;
use impersonated::Impersonated;

struct Federated;

oauth::strategy!(
    Federated,
    "federated",
    "exchanges the token of a workload for one of the provider",
    credentials,
    refresh
);

fn credentials(request: &Request) -> Result<Credentials, AuthError> {
    minted::credentials(request, || {
        let profile = &request.profile;
        let exchange = Exchange::of(profile)?;
        exchange.source.is_there(profile)?;
        Client::of(profile)?;
        issuer::of(profile).map(drop)
    })
}

fn refresh(request: &Request) -> Result<(), AuthError> {
    if request.explicit_key {
        return Ok(());
    }
    let profile = &request.profile;
    let exchange = Exchange::of(profile)?;
    exchange.source.take(profile)?;
    let client = Client::of(profile)?;
    let endpoint = issuer::token_endpoint(profile)?;
    let mut asked = tokens::post(&endpoint, exchange.encoding, exchange.fields);
    if let Some(client) = client {
        client.authenticate(&mut asked)?;
    }
    let response = tokens::ask(asked)?;
    let mut ends_at = minted::end_of(request, &response)?;
    if let Some(account) = Impersonated::of(profile) {
        ends_at = account.ask()?;
    }
    minted::keep(request, ends_at)
}

bindings::export!(Federated with_types_in bindings);
