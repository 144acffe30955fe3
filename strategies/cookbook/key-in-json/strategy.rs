//! The key at a place of a JSON document, which is in the variable that the profile names.

use frame::{AuthError, Credentials, ErrorKind, Recipe, Request, Source};
use frame::{api_key, error, option, secrets, take_key};

struct KeyInJson;

impl Recipe for KeyInJson {
    const AUTH_TYPE: &str = "key-in-json";
    const SUMMARY: &str = "a key inside JSON";

    fn credentials(request: &Request) -> Result<Credentials, AuthError> {
        let variable = take_key(&request.profile, "document")?;
        let pointer = option(&request.profile, "pointer").unwrap_or("/api_key");
        secrets::pick("document", pointer, "key").map_err(|fault| {
            let what = match fault {
                secrets::ToolError::Malformed => "is not JSON",
                _ => "has no text where options.pointer says",
            };
            error(ErrorKind::Invalid, &format!("{variable} {what}"), "")
        })?;
        Ok(api_key("key", Source::Environment(variable), None))
    }
}

frame::export!(KeyInJson with_types_in frame);
