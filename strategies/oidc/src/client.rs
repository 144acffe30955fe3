//! Who asks: the client that is registered at the issuer.

use oauth::bindings::orchestration::auth::environment::{self, Presence};
use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Part, Profile};
use oauth::errors::{error, unset};
use oauth::options::option;
use oauth::{issuer, tokens};

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
        let issuer = issuer::of(profile)?.to_owned();
        let id = option(profile, "client_id")
            .ok_or_else(|| unset(profile, "client_id", "options.client_id"))?;
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
        let scope = option(profile, "scope").unwrap_or_else(|| SCOPE.to_owned());
        Ok(Self { issuer, id, scope, audience: option(profile, "audience"), has_secret })
    }

    /// Returns the fields of a request that say which client sends it.
    pub fn fields(&self) -> Vec<(String, Part)> {
        let mut fields = vec![tokens::text("client_id", &self.id)];
        if self.has_secret {
            fields.push(tokens::secret(CLIENT_SECRET, CLIENT_SECRET));
        }
        fields
    }

    /// Returns the fields that say what is asked for.
    pub fn wanted(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let audience = self.audience.as_deref().map(|audience| ("audience", audience));
        [("scope", self.scope.as_str())].into_iter().chain(audience)
    }

    /// The error of a server without a way to sign in that works here.
    pub fn no_way_without_a_browser(&self) -> AuthError {
        let message = format!("{} offers no sign-in with a code", self.issuer);
        let hint = "Sign in on a machine with a browser, or with --paste".to_owned();
        error(ErrorKind::Unsupported, message, Some(hint))
    }
}
