//! The strategy `{{name}}`: an explicit key, or the key in the variable that the
//! profile names.

wit_bindgen::generate!({ path: "wit", world: "auth-strategy" });

use exports::orchestration::auth::strategy::Guest;
use orchestration::auth::environment::{self, EnvironmentError};
use orchestration::auth::types::{
    AuthError, Credentials, Description, ErrorKind, Request, Source,
};

struct Strategy;

impl Guest for Strategy {
    fn describe() -> Description {
        Description {
            auth_type: "{{name}}".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "a key from the variable that the profile names".into(),
            // Other variables that it reads.
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        if let Some(key) = request.explicit_key.filter(|key| !key.is_empty()) {
            return credentials(key, Source::Explicit);
        }
        let Some(name) = request.profile.api_key_env else {
            let hint = format!("add api_key_env to [profiles.{}]", request.profile.name);
            return Err(error(ErrorKind::Missing, "the profile names no variable", hint));
        };
        let key = read(&name)?.ok_or_else(|| {
            let hint = format!("set it with: export {name}=your-key-here");
            error(ErrorKind::Missing, format!("{name} is not set"), hint)
        })?;
        credentials(key, Source::Environment(name))
    }

    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

/// Change this: what a valid key looks like, and which credential it becomes.
fn credentials(key: String, source: Source) -> Result<Credentials, AuthError> {
    if key.len() < 8 {
        let hint = "a key has 8 characters or more";
        return Err(error(ErrorKind::Invalid, "the key is too short", hint));
    }
    Ok(Credentials { values: vec![("api_key".into(), key)], source, expires_at: None })
}

/// The variable's value, or none if it is unset or empty.
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

/// A message must not contain a value, which may be a secret.
fn error(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> AuthError {
    AuthError { kind, message: message.into(), hint: Some(hint.into()) }
}

export!(Strategy);
