//! The strategy `service_account`: signs an assertion with a private key and exchanges it
//! for a token (RFC 7523), as Google's service accounts do.
//!
//! The key is in a file that anyone may have written, and it names a server to send the
//! assertion to. That is not believed: a program that can put a file there would get an assertion
//! that is signed with whatever key is in it, for a server of its choice. The profile says
//! where tokens are got, by its `issuer`, and the host holds the strategy to that.
//!
//! The strategy never holds the key nor what is in its file. It names the parts of the
//! assertion, and the host joins and signs them.

mod account;
mod assertion;
mod json;
mod key;

oauth::bindings!("session-strategy");

use oauth::bindings::orchestration::auth::http::Encoding;
use oauth::bindings::orchestration::auth::types::{AuthError, Credentials, Request};
use oauth::grant::Grant;
use oauth::{issuer, minted, tokens};

use account::Account;
use key::Key;

struct ServiceAccount;

oauth::strategy!(
    ServiceAccount,
    "service_account",
    "signs an assertion with a key file, and exchanges it for a token",
    credentials,
    refresh
);

fn credentials(request: &Request) -> Result<Credentials, AuthError> {
    minted::credentials(request, || {
        let key = Key::of(&request.profile)?;
        Account::of(&request.profile, &key)?;
        Grant::of(&request.profile, &GRANTS)?;
        issuer::of(&request.profile).map(drop)
    })
}

fn refresh(request: &Request) -> Result<(), AuthError> {
    if request.explicit_key {
        return Ok(());
    }
    let profile = &request.profile;
    let key = Key::of(profile)?;
    let account = Account::of(profile, &key)?;
    let endpoint = issuer::token_endpoint(profile)?;
    let assertion = assertion::signed(&key, &account, &endpoint, request.now)?;
    let mut fields = Grant::of(profile, &GRANTS)?.fields(assertion);
    fields.extend(account.fields());
    let response = tokens::ask(tokens::post(&endpoint, Encoding::Form, fields))?;
    minted::keep(request, minted::end_of(request, &response)?)
}

/// The grants that serve, first the usual one.
const GRANTS: [Grant; 2] = [Grant::JwtBearer, Grant::ClientCredentials];

bindings::export!(ServiceAccount with_types_in bindings);
