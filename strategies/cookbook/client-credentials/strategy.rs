//! A token for an id and a secret, which the server wants by HTTP Basic (RFC 6749, 4.4).

use frame::{AuthError, Credentials, ErrorKind, Part, Recipe, Request};
use frame::{at_issuer, end_of, error, option, post, renewable, save, saved};
use frame::{secrets, send, take_key, text};

struct ClientCredentials;

impl Recipe for ClientCredentials {
    const AUTH_TYPE: &str = "client-credentials";
    const SUMMARY: &str = "a token for the id and the secret of a client";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        if let Some(token) = saved(request)? {
            return Ok(token);
        }
        take_key(&request.profile, "secret")?;
        Err(renewable())
    }

    fn refresh(request: &Request) -> Result<(), AuthError> {
        let profile = &request.profile;
        take_key(profile, "secret")?;
        let Some(id) = option(profile, "client_id") else {
            let hint = format!("add options.client_id to [profiles.{}]", profile.name);
            return Err(error(ErrorKind::Unsupported, "the profile names no client", &hint));
        };
        basic(id, "secret", "basic")
            .map_err(|_| error(ErrorKind::Internal, "id and secret cannot be joined", ""))?;
        let fields = vec![text("grant_type", "client_credentials")];
        let mut asked = post(at_issuer(profile, "/token")?, fields, &[("/access_token", "access")]);
        asked.authorization = Some(("Basic".into(), "basic".into()));
        let answer = send(&asked, "access")?;
        save(&["access"], end_of(request, &answer))
    }
}

/// Makes `id:secret`, in Base64, the secret `name` (RFC 7617).
fn basic(id: &str, secret: &str, name: &str) -> Result<(), secrets::ToolError> {
    let pair = [Part::Text(format!("{id}:")), Part::Secret(secret.into())];
    secrets::concat(&pair, name)?;
    secrets::base64(name, secrets::Alphabet::Standard, name)
}

frame::export!(ClientCredentials with_types_in frame);
