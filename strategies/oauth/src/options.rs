//! The options of a profile.

use crate::bindings::orchestration::auth::types::Profile;

/// Returns the text of an option, if it is not blank.
pub fn option(profile: &Profile, wanted: &str) -> Option<String> {
    let found = profile.options.iter().find(|(name, _)| name == wanted);
    found.map(|(_, text)| text.trim().to_owned()).filter(|text| !text.is_empty())
}
