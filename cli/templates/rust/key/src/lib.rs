//! The strategy `{{name}}`: an explicit key, or the key in the variable that the
//! profile names.
//!
//! It never sees a key. The host keeps the secrets of a call; the strategy gives them
//! names, and returns the name of the one that is the credential.

wit_bindgen::generate!({ path: "wit", world: "auth-strategy" });

use exports::orchestration::auth::strategy::Guest;
use orchestration::auth::environment::{self, EnvironmentError, Presence};
use orchestration::auth::types::{AuthError, Credentials, Description, ErrorKind, Request, Source};

struct Strategy;

impl Guest for Strategy {
    fn describe() -> Description {
        Description {
            auth_type: "{{name}}".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "a key from the variable that the profile names".into(),
            // Other variables that it uses.
            environment: Vec::new(),
        }
    }

    fn get_credentials(request: Request) -> Result<Credentials, AuthError> {
        if request.explicit_key {
            return Ok(api_key("explicit", Source::Explicit));
        }
        let Some(variable) = request.profile.api_key_env else {
            let hint = format!("add api_key_env to [profiles.{}]", request.profile.name);
            return Err(error(
                ErrorKind::Missing,
                "the profile names no variable",
                hint,
            ));
        };
        take(&variable, "key")?;
        // Change this: which secret becomes the credential. If the server expects a
        // prefix, for example, make a secret that has it, and return that one:
        //
        //   use orchestration::auth::{secrets, types::Part};
        //   secrets::concat(&[Part::Text("corp-".into()), Part::Secret("key".into())], "prefixed")
        //       .map_err(|_| error(ErrorKind::Internal, "the key cannot be joined", ""))?;
        Ok(api_key("key", Source::Environment(variable)))
    }

    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

/// Returns the credential `api_key`, whose text is this secret.
fn api_key(secret: &str, source: Source) -> Credentials {
    let values = vec![("api_key".into(), secret.into())];
    Credentials {
        values,
        source,
        expires_at: None,
    }
}

/// Makes the value of a variable the secret `name`.
fn take(variable: &str, name: &str) -> Result<(), AuthError> {
    match environment::take(variable, name) {
        Ok(Presence::Set) => Ok(()),
        Ok(Presence::Unset | Presence::Blank) => {
            let hint = format!("set it with: export {variable}=your-key-here");
            Err(error(
                ErrorKind::Missing,
                format!("{variable} is not set"),
                hint,
            ))
        }
        Err(EnvironmentError::Denied) => Err(error(
            ErrorKind::Denied,
            format!("{variable} is not granted"),
            "",
        )),
        Err(EnvironmentError::NotUnicode) => Err(error(
            ErrorKind::Invalid,
            format!("{variable} is not Unicode"),
            "",
        )),
    }
}

fn error(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> AuthError {
    AuthError {
        kind,
        message: message.into(),
        hint: Some(hint.into()),
    }
}

export!(Strategy);
