//! Whose token it is, and what for.

use oauth::bindings::orchestration::auth::types::{AuthError, Part, Profile};
use oauth::errors::unset;
use oauth::options::option;
use oauth::tokens;

use crate::key::Key;

/// What an assertion claims, besides times.
pub struct Account {
    /// Who signs it: `iss`.
    pub issuer: Part,
    /// Whom the token acts for: `sub`.
    pub subject: Option<Part>,
    /// For which server the assertion is, if not for the token endpoint: `aud`.
    pub audience: Option<String>,
    /// What the token is for.
    pub scope: Option<String>,
    /// The client that is registered at the server.
    client_id: Option<String>,
    /// Whether the account is that of Google's file.
    is_google: bool,
}

impl Account {
    /// Returns what the options of the profile say, and the file with the key.
    pub fn of(profile: &Profile, key: &Key) -> Result<Self, AuthError> {
        let client_id = option(profile, "client_id");
        let is_google = key.account.is_some() && client_id.is_none();
        let named = client_id.clone().map(Part::Text);
        let Some(issuer) = named.or_else(|| key.account.clone()) else {
            return Err(unset(profile, "client_id", "options.client_id"));
        };
        let subject = option(profile, "subject").map(Part::Text);
        Ok(Self {
            // RFC 7523 (3) asks for a subject. For Google, one is a user whom the account
            // acts for, which needs a right of its own.
            subject: subject.or_else(|| (!is_google).then(|| issuer.clone())),
            issuer,
            audience: option(profile, "audience"),
            scope: option(profile, "scope"),
            client_id,
            is_google,
        })
    }

    /// Returns what the request says besides the assertion (RFC 7521, 4.1 and 4.2). Google
    /// reads all of it in the assertion, where it is in any case.
    pub fn fields(&self) -> impl Iterator<Item = (String, Part)> {
        let client = self.client_id.as_ref().map(|id| tokens::text("client_id", id));
        let scope = self.scope.as_ref().filter(|_| !self.is_google);
        client.into_iter().chain(scope.map(|scope| tokens::text("scope", scope)))
    }
}
