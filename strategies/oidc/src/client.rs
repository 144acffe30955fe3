//! Who asks: the client that is registered at the issuer.

use crate::bindings::orchestration::auth::environment::{self, Presence};
use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind, Part, Profile};
use crate::errors::error;

/// The secret with the password of the client, if it has one.
const CLIENT_SECRET: &str = "client_secret";

/// What is asked for if the profile names no scope: who the user is, and a refresh token
/// (OpenID Connect Core, 11).
const SCOPE: &str = "openid email offline_access";

/// The client, as `[profiles.NAME.options]` describes it.
pub struct Client {
    pub issuer: String,
    pub id: String,
    pub scope: String,
    /// For whom the token is (RFC 8707, and the parameter of older servers).
    pub audience: Option<String>,
    has_secret: bool,
}

impl Client {
    /// Returns the client of `profile`. The variable that the profile names has the password
    /// of a confidential client.
    pub fn of(profile: &Profile) -> Result<Self, AuthError> {
        let option = |wanted: &str| {
            let found = profile.options.iter().find(|(name, _)| name == wanted);
            found.map(|(_, text)| text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let issuer = profile.issuer.clone().ok_or_else(|| missing(profile, "issuer", "issuer"))?;
        let id = option("client_id")
            .ok_or_else(|| missing(profile, "client_id", "options.client_id"))?;
        let has_secret = match &profile.api_key_env {
            None => false,
            Some(variable) => match environment::take(variable, CLIENT_SECRET) {
                Ok(Presence::Set) => true,
                _ => {
                    let message = format!("{variable} is not set");
                    let hint = format!("Set it to the secret of the client {id}");
                    return Err(error(ErrorKind::Missing, message, Some(hint)));
                }
            },
        };
        let scope = option("scope").unwrap_or_else(|| SCOPE.to_owned());
        Ok(Self { issuer, id, scope, audience: option("audience"), has_secret })
    }

    /// Returns the fields of a request that say which client sends it.
    pub fn fields(&self) -> Vec<(String, Part)> {
        let mut fields = vec![("client_id".to_owned(), Part::Text(self.id.clone()))];
        if self.has_secret {
            fields.push((CLIENT_SECRET.to_owned(), Part::Secret(CLIENT_SECRET.to_owned())));
        }
        fields
    }

    /// Returns the fields that say what is asked for.
    pub fn wanted(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let audience = self.audience.as_deref().map(|audience| ("audience", audience));
        [("scope", self.scope.as_str())].into_iter().chain(audience)
    }
}

fn missing(profile: &Profile, what: &str, key: &str) -> AuthError {
    let name = &profile.name;
    let message = format!("the profile {name} has no {what}");
    let hint = format!("Add {key} = \"...\" to [profiles.{name}]");
    error(ErrorKind::Unsupported, message, Some(hint))
}
