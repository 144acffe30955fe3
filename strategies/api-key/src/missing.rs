//! The error of a profile without a key: what was looked for, and what to do.

use crate::bindings::orchestration::auth::types::{AuthError, ErrorKind, Profile};

/// Returns the error `missing`, which names what the profile names.
pub fn missing(profile: &Profile) -> AuthError {
    let (message, hint) = match (&profile.api_key_env, &profile.api_key_file) {
        (Some(name), None) => (format!("{name} is not set"), export(name)),
        (None, Some(path)) => {
            (format!("there is no key in {path}"), format!("Write the key into {path}"))
        }
        (Some(name), Some(path)) => {
            (format!("{name} is not set, and there is no key in {path}"), export(name))
        }
        (None, None) => (
            format!("the profile {} names no variable for its key", profile.name),
            format!(
                "Add api_key_env = \"...\" to [profiles.{}], or auth_type = \"none\" if it needs no key",
                profile.name
            ),
        ),
    };
    AuthError { kind: ErrorKind::Missing, message, hint: Some(hint) }
}

fn export(name: &str) -> String {
    format!("Set it with: export {name}=your-key-here")
}
