//! The grants with which a token is got for a signed statement.

use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind, Part, Profile};
use crate::errors::error;
use crate::options::option;
use crate::tokens::{secret, text};

/// A grant of the token endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Exchanges one token for another (RFC 8693).
    TokenExchange,
    /// Shows an assertion of who the token is for (RFC 7523, 2.1).
    JwtBearer,
    /// Shows an assertion of which client asks (RFC 7523, 2.2), as Azure and Okta want it.
    ClientCredentials,
}

/// The fields that a grant fills in, whichever it is.
pub const FILLED: [&str; 6] = [
    "grant_type",
    "subject_token",
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "client_secret",
];

impl Grant {
    /// Returns the grant that the option `grant` names, of `known` ones; the first of these
    /// if it names none.
    pub fn of(profile: &Profile, known: &[Self]) -> Result<Self, AuthError> {
        let named = option(profile, "grant");
        let found = match &named {
            None => known.first(),
            Some(name) => known.iter().find(|grant| grant.name() == name),
        };
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|grant| grant.name()).collect();
            unknown(profile, "grant", &names.join(" or "))
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::TokenExchange => "token-exchange",
            Self::JwtBearer => "jwt-bearer",
            Self::ClientCredentials => "client-credentials",
        }
    }

    /// Returns the fields of the request that shows the secret `statement`.
    pub fn fields(self, statement: &str) -> Vec<(String, Part)> {
        match self {
            Self::TokenExchange => vec![
                text("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                secret("subject_token", statement),
                text("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ],
            Self::JwtBearer => vec![
                text("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                secret("assertion", statement),
            ],
            Self::ClientCredentials => vec![
                text("grant_type", "client_credentials"),
                secret("client_assertion", statement),
                text(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
            ],
        }
    }
}

/// The error of an option with a value that means nothing. It is not repeated: the host
/// takes every option for a secret.
pub fn unknown(profile: &Profile, name: &str, known: &str) -> AuthError {
    let message = format!("the profile {} has an unknown {name}", profile.name);
    error(ErrorKind::Unsupported, message, Some(format!("Set options.{name} to {known}")))
}
