//! The strategy `basic`: an id and a secret from two variables, as one credential for
//! HTTP's Basic scheme. The id is in `BASIC_ID`, the secret in the variable that the
//! profile names.
//!
//! The id is no secret, so its text is read. The secret is taken, joined and encoded
//! without the strategy ever seeing it.

wit_bindgen::generate!({ path: "wit", world: "auth-strategy" });

use exports::orchestration::auth::strategy::Guest;
use orchestration::auth::environment::{self, EnvironmentError, Presence};
use orchestration::auth::secrets::{self, Alphabet, ToolError};
use orchestration::auth::types::{
    AuthError, Credentials, Description, ErrorKind, Part, Request, Source,
};

/// The variable of the id.
const ID: &str = "BASIC_ID";

struct Strategy;

impl Guest for Strategy {
    fn describe() -> Description {
        Description {
            auth_type: "basic".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "id and secret from two variables, for HTTP Basic".into(),
            environment: vec![ID.into()],
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        if request.explicit_key {
            return Ok(api_key("explicit", Source::Explicit));
        }
        let Some(variable) = request.profile.api_key_env else {
            let hint = format!("add api_key_env to [profiles.{}]", request.profile.name);
            return Err(error(ErrorKind::Missing, "the profile names no variable", hint));
        };
        let id = read(ID)?;
        if id.contains(':') {
            let hint = "RFC 7617 allows none";
            return Err(error(ErrorKind::Invalid, format!("{ID} has a colon in it"), hint));
        }
        take(&variable, "secret")?;
        join(&id, "secret", "basic")
            .map_err(|_| error(ErrorKind::Internal, "id and secret cannot be joined", ""))?;
        Ok(api_key("basic", Source::Environment(variable)))
    }

    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

/// Makes `id:secret`, in Base64, the secret `name`.
fn join(id: &str, secret: &str, name: &str) -> Result<(), ToolError> {
    secrets::concat(&[Part::Text(format!("{id}:")), Part::Secret(secret.into())], "pair")?;
    secrets::base64("pair", Alphabet::Standard, name)
}

/// Returns the credential `api_key`, whose text is this secret.
fn api_key(secret: &str, source: Source) -> Credentials {
    let values = vec![("api_key".into(), secret.into())];
    Credentials { values, source, expires_at: None }
}

/// Makes the value of a variable the secret `name`.
fn take(variable: &str, name: &str) -> Result<(), AuthError> {
    match environment::take(variable, name) {
        Ok(Presence::Set) => Ok(()),
        Ok(Presence::Unset | Presence::Blank) => Err(unset(variable)),
        Err(failed) => Err(unusable(variable, failed)),
    }
}

/// Returns the text of a variable.
fn read(variable: &str) -> Result<String, AuthError> {
    match environment::get(variable) {
        Ok(text) => text.filter(|text| !text.trim().is_empty()).ok_or_else(|| unset(variable)),
        Err(failed) => Err(unusable(variable, failed)),
    }
}

fn unset(variable: &str) -> AuthError {
    let hint = format!("set it with: export {variable}=...");
    error(ErrorKind::Missing, format!("{variable} is not set"), hint)
}

fn unusable(variable: &str, failed: EnvironmentError) -> AuthError {
    match failed {
        EnvironmentError::Denied => {
            error(ErrorKind::Denied, format!("{variable} is not granted"), "")
        }
        EnvironmentError::NotUnicode => {
            error(ErrorKind::Invalid, format!("{variable} is not Unicode"), "")
        }
    }
}

fn error(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> AuthError {
    AuthError { kind, message: message.into(), hint: Some(hint.into()) }
}

export!(Strategy);
