//! The first key that is set: that of the stage, then the profile's own.

use frame::{AuthError, Credentials, ErrorKind, Recipe, Request, Source};
use frame::{api_key, error, option, take_key, take_variable};

/// The variables to try first, by stage.
const STAGES: [(&str, &str); 2] = [("dev", "CORP_KEY_DEV"), ("prod", "CORP_KEY_PROD")];

struct Stages;

impl Recipe for Stages {
    const AUTH_TYPE: &str = "stages";
    const SUMMARY: &str = "the key of a stage, or else the profile's own";
    const ENVIRONMENT: &[&str] = &["CORP_KEY_DEV", "CORP_KEY_PROD"];

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        if let Some(stage) = option(&request.profile, "stage") {
            let Some((_, variable)) = STAGES.iter().find(|(name, _)| *name == stage) else {
                let hint = "set options.stage to dev or prod";
                return Err(error(ErrorKind::Unsupported, "the stage is unknown", hint));
            };
            if take_variable(variable, "key")? {
                return Ok(api_key("key", Source::Environment(variable.to_string()), None));
            }
        }
        let variable = take_key(&request.profile, "key")?;
        Ok(api_key("key", Source::Environment(variable), None))
    }
}

frame::export!(Stages with_types_in frame);
