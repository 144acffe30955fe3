//! A key behind the prefix that the gateway wants: the name of the team.

use frame::{AuthError, Credentials, ErrorKind, Part, Recipe, Request, Source};
use frame::{api_key, error, option, secrets, take_key};

struct Prefix;

impl Recipe for Prefix {
    const AUTH_TYPE: &str = "prefix";
    const SUMMARY: &str = "a key behind the name of the team";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        let variable = take_key(&request.profile, "key")?;
        let Some(team) = option(&request.profile, "team") else {
            let hint = format!("add options.team to [profiles.{}]", request.profile.name);
            return Err(error(ErrorKind::Unsupported, "the profile names no team", &hint));
        };
        let parts = [Part::Text(format!("{team}/")), Part::Secret("key".into())];
        secrets::concat(&parts, "prefixed")
            .map_err(|_| error(ErrorKind::Internal, "the key cannot be joined", ""))?;
        Ok(api_key("prefixed", Source::Environment(variable), None))
    }
}

frame::export!(Prefix with_types_in frame);
