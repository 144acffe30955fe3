//! The files that profiles name for their keys: whether each can be used, and by whom.

use std::env;
use std::path::Path;

use orchestration_runtime::{FileProblem, GrantedFile, ProviderProfile, others_can_read};

use crate::remedy;
use crate::ui::text;

/// Something that was looked at, such as the file of a profile's key, and what fixes it if it
/// can't be used or others can use it.
pub(super) struct Checked {
    pub(super) seen: String,
    pub(super) remedy: Option<String>,
}

/// Checks the file that a profile names for its key; `None` if it names none.
pub(super) fn check(profile: &ProviderProfile) -> Option<Checked> {
    let file = profile.api_key_file.as_ref()?;
    let seen = format!("{} of profile {}", text::from_home(file.path()), profile.name);
    let Some((fault, remedy)) = fault(profile, file) else {
        return Some(Checked { seen, remedy: None });
    };
    Some(Checked { seen: format!("{seen} {fault}"), remedy: Some(remedy) })
}

/// Returns what is wrong with the file, and what fixes it.
fn fault(profile: &ProviderProfile, file: &GrantedFile) -> Option<(String, String)> {
    let path = file.path();
    let (fault, remedy) = match file.problem() {
        None if others_can_read(Path::new(path)) => {
            ("can be read by others", remedy::deny_others(Path::new(path)))
        }
        None => return None,
        // The variable goes first.
        Some(FileProblem::Absent | FileProblem::Blank) if has_variable(profile) => return None,
        Some(FileProblem::Absent) => ("does not exist", remedy::write_key(path)),
        Some(FileProblem::Blank) => ("is empty", remedy::write_key(path)),
        Some(FileProblem::Outside) => {
            ("is a link that leads out of its directory", remedy::name_key_file(&profile.name))
        }
        Some(FileProblem::NotRegular) => {
            ("is not a regular file", remedy::name_key_file(&profile.name))
        }
        Some(FileProblem::TooLarge) => ("is larger than 1 MiB", remedy::write_only_key(path)),
        Some(FileProblem::NotUnicode) => ("is not valid UTF-8", remedy::write_only_key(path)),
        Some(FileProblem::Unreadable(error)) => {
            let fault = format!("can't be read: {error}");
            return Some((fault, remedy::let_read(&profile.name)));
        }
    };
    Some((fault.to_owned(), remedy))
}

/// Returns true if the profile's variable holds a key.
fn has_variable(profile: &ProviderProfile) -> bool {
    let value = profile.api_key_env.as_ref().and_then(env::var_os);
    value.is_some_and(|value| !value.to_string_lossy().trim().is_empty())
}
