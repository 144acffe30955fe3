//! The token of a workload, which the cluster keeps fresh in a file, exchanged for one of the
//! gateway (RFC 8693).

use frame::files::Presence;
use frame::{AuthError, Credentials, ErrorKind, Profile, Recipe, Request};
use frame::{at_issuer, end_of, error, files, post, renewable, save, saved, secret, send, text};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const KIND: &str = "urn:ietf:params:oauth:token-type:jwt";

struct TokenExchange;

impl Recipe for TokenExchange {
    const AUTH_TYPE: &str = "token-exchange";
    const SUMMARY: &str = "a token for the token of a workload";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        if let Some(token) = saved(request)? {
            return Ok(token);
        }
        take_workload(&request.profile)?;
        Err(renewable())
    }

    fn refresh(request: &Request) -> Result<(), AuthError> {
        let profile = &request.profile;
        take_workload(profile)?;
        let fields = vec![
            text("grant_type", GRANT),
            secret("subject_token", "workload"),
            text("subject_token_type", KIND),
            text("audience", profile.base_url.as_deref().unwrap_or_default()),
        ];
        let asked = post(at_issuer(profile, "/token")?, fields, &[("/access_token", "access")]);
        let answer = send(&asked, "access")?;
        save(&["access"], end_of(request, &answer))
    }
}

/// Makes the token of the workload the secret `workload`.
fn take_workload(profile: &Profile) -> Result<(), AuthError> {
    let Some(path) = &profile.api_key_file else {
        let hint = format!("add api_key_file to [profiles.{}]", profile.name);
        return Err(error(ErrorKind::Missing, "the profile names no file", &hint));
    };
    match files::take(path, "workload") {
        Ok(Presence::Present) => Ok(()),
        Ok(_) => {
            let hint = "mount the token of the service account there";
            Err(error(ErrorKind::Missing, &format!("there is no token in {path}"), hint))
        }
        Err(files::FileError::Denied) => {
            Err(error(ErrorKind::Denied, &format!("{path} is not granted"), ""))
        }
        Err(fault) => {
            Err(error(ErrorKind::Invalid, &format!("{path} cannot be used: {}", fault.name()), ""))
        }
    }
}

frame::export!(TokenExchange with_types_in frame);
