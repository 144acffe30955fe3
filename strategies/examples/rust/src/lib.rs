//! The strategy `basic`: an id and a secret from two variables, as one credential
//! for HTTP's Basic scheme. The id
//! is in `BASIC_ID`, the secret in the variable that the profile names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

wit_bindgen::generate!({ path: "wit", world: "auth-strategy" });

use exports::orchestration::auth::strategy::Guest;
use orchestration::auth::environment::{self, EnvironmentError};
use orchestration::auth::types::{
    AuthError, Credentials, Description, ErrorKind, Request, Source,
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
        if let Some(key) = request.explicit_key.filter(|key| !key.is_empty()) {
            return Ok(api_key(key, Source::Explicit));
        }
        let Some(name) = request.profile.api_key_env else {
            let hint = format!("add api_key_env to [profiles.{}]", request.profile.name);
            return Err(error(ErrorKind::Missing, "the profile names no variable", hint));
        };
        let (id, secret) = (set(ID)?, set(&name)?);
        if id.contains(':') {
            return Err(error(ErrorKind::Invalid, format!("{ID} has a colon in it"), "RFC 7617 forbids it"));
        }
        let pair = STANDARD.encode(format!("{id}:{secret}"));
        Ok(api_key(pair, Source::Environment(name)))
    }

    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

fn api_key(key: String, source: Source) -> Credentials {
    Credentials { values: vec![("api_key".into(), key)], source, expires_at: None }
}

/// The value of a variable that has to be set.
fn set(name: &str) -> Result<String, AuthError> {
    read(name)?.ok_or_else(|| {
        let hint = format!("set it with: export {name}=...");
        error(ErrorKind::Missing, format!("{name} is not set"), hint)
    })
}

/// The variable's value; none where it is unset or empty.
fn read(name: &str) -> Result<Option<String>, AuthError> {
    match environment::get(name) {
        Ok(value) => Ok(value.filter(|value| !value.is_empty())),
        Err(EnvironmentError::Denied) => {
            Err(error(ErrorKind::Denied, format!("{name} is not granted"), ""))
        }
        Err(EnvironmentError::NotUnicode) => {
            Err(error(ErrorKind::Invalid, format!("{name} is not Unicode"), ""))
        }
    }
}

/// A message never repeats a value: it may be a secret.
fn error(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> AuthError {
    AuthError { kind, message: message.into(), hint: Some(hint.into()) }
}

export!(Strategy);
