//! A key in a file, as clusters mount it, or else in a variable, as developers set it.

use frame::files::{FileError, Presence};
use frame::{AuthError, Credentials, ErrorKind, Recipe, Request, Source};
use frame::{api_key, error, files, take_key};

struct KeyFile;

impl Recipe for KeyFile {
    const AUTH_TYPE: &str = "key-file";
    const SUMMARY: &str = "a key from a file, or else from a variable";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        let profile = &request.profile;
        if let Some(path) = &profile.api_key_file {
            match files::take(path, "key").map_err(|fault| unusable(path, fault))? {
                Presence::Present => {
                    return Ok(api_key("key", Source::File(path.clone()), None));
                }
                // An empty file is what a failed deployment leaves. Another key in its place
                // would hide that.
                Presence::Blank => {
                    return Err(error(
                        ErrorKind::Missing,
                        &format!("{path} is empty"),
                        "write it again",
                    ));
                }
                Presence::Absent => {}
            }
        }
        let variable = take_key(profile, "key")?;
        Ok(api_key("key", Source::Environment(variable), None))
    }
}

fn unusable(path: &str, fault: FileError) -> AuthError {
    let kind = match fault {
        FileError::Denied => ErrorKind::Denied,
        _ => ErrorKind::Invalid,
    };
    error(kind, &format!("{path} cannot be used: {}", fault.name()), "")
}

frame::export!(KeyFile with_types_in frame);
