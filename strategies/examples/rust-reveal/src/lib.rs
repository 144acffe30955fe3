//! The strategy `lines`: a key in a text of lines such as `key = sk-1234567890`, in the
//! variable that the profile names.
//!
//! No tool of the contract looks into such a text, so the strategy has to read it. That
//! is why it is built for the world `revealing-strategy`, and runs only if its user
//! grants it `reveal`.

wit_bindgen::generate!({ path: "wit", world: "revealing-strategy" });

use exports::orchestration::auth::strategy::Guest;
use orchestration::auth::environment::{self, EnvironmentError, Presence};
use orchestration::auth::reveal;
use orchestration::auth::secrets;
use orchestration::auth::types::{
    AuthError, Credentials, Description, ErrorKind, Part, Request, Source,
};

/// The name of the line that has the key.
const NAME: &str = "key";

struct Strategy;

impl Guest for Strategy {
    fn describe() -> Description {
        Description {
            auth_type: "lines".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "a key in a text of lines, from the variable that the profile names".into(),
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
        take(&variable, "lines")?;
        let lines = reveal::text("lines")
            .map_err(|_| error(ErrorKind::Denied, "reading secrets is not granted", ""))?;
        let Some(key) = value(&lines) else {
            let message = format!("{variable} has no line for {NAME}");
            return Err(error(
                ErrorKind::Invalid,
                message,
                format!("add: {NAME} = your-key-here"),
            ));
        };
        // From here on the key is a secret of the host again.
        secrets::concat(&[Part::Text(key.into())], "key")
            .map_err(|_| error(ErrorKind::Internal, "the key cannot be kept", ""))?;
        Ok(api_key("key", Source::Environment(variable)))
    }

    fn refresh_if_needed(_: Request) -> Result<(), AuthError> {
        Ok(())
    }

    fn is_valid(request: Request) -> bool {
        Self::get_credentials(request).is_ok()
    }
}

/// Returns what follows `key =` in the first such line that has a value.
fn value(lines: &str) -> Option<&str> {
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    let mut values = pairs
        .filter(|(name, _)| name.trim() == NAME)
        .map(|(_, value)| value.trim());
    values.find(|value| !value.is_empty())
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
