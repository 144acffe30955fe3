//! A ticket for the job's key, then a token for the ticket, as in the CI of GitHub and at
//! gateways with a portal in front. The region is a setting: it is read as text, because it is
//! part of the request, and it is no secret.

use frame::{AuthError, Credentials, ErrorKind, Recipe, Request};
use frame::{at_issuer, end_of, environment, error, missing, post, renewable, save, saved, secret};
use frame::{send, take_key, text, unusable};

const REGION: &str = "CORP_REGION";

/// Says no example: it could be the value itself, which a text must not repeat.
const HINT: &str = "a region has letters, digits and hyphens";

struct TwoSteps;

impl Recipe for TwoSteps {
    const AUTH_TYPE: &str = "two-steps";
    const SUMMARY: &str = "a ticket for a key, then a token for the ticket";
    const ENVIRONMENT: &[&str] = &[REGION];

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        if let Some(token) = saved(request)? {
            return Ok(token);
        }
        take_key(&request.profile, "key")?;
        region()?;
        Err(renewable())
    }

    fn refresh(request: &Request) -> Result<(), AuthError> {
        let profile = &request.profile;
        take_key(profile, "key")?;
        let region = region()?;

        let mut asked = post(at_issuer(profile, "/ticket")?, Vec::new(), &[("/ticket", "ticket")]);
        asked.authorization = Some(("Bearer".into(), "key".into()));
        send(&asked, "ticket")?;

        let fields = vec![secret("ticket", "ticket"), text("region", &region)];
        let asked = post(at_issuer(profile, "/token")?, fields, &[("/access_token", "access")]);
        let answer = send(&asked, "access")?;
        save(&["access"], end_of(request, &answer))
    }
}

/// Returns the setting, if it looks like one.
fn region() -> Result<String, AuthError> {
    let found = environment::get(REGION).map_err(|fault| unusable(REGION, fault))?;
    let region = found.filter(|text| !text.trim().is_empty()).ok_or_else(|| missing(REGION))?;
    match region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        true => Ok(region),
        false => Err(error(ErrorKind::Invalid, "CORP_REGION is no region", HINT)),
    }
}

frame::export!(TwoSteps with_types_in frame);
