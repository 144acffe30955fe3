//! The file that a profile names for its key.

use std::path::{Path, PathBuf};

use orchestration_sandbox::{GrantedFile, is_granted_path};
use orchestration_support::owner_only::home_directory;

use crate::variable::is_like_a_key;

/// Why a text cannot name the file of a key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileFault {
    /// It looks like a key.
    #[error("this looks like a key, not the path of a file")]
    Key,
    /// It is no path, or leads up with `..`.
    #[error("this is not the path of a file")]
    Form,
    /// It is below the home directory, and there is none.
    #[error("the user has no home directory")]
    NoHome,
}

/// Returns the file that `text` names in a providers.toml in `directory`: by an absolute
/// path, below the home directory with `~/`, or below `directory`.
///
/// Links may not lead out of the directory that contains the file. A path in a project may
/// not lead out of the project either: its user has read the path, and not what the links
/// in it will be after the next `git pull`.
///
/// # Errors
///
/// Fails with [`KeyFileFault`] if it can't name a file.
pub(crate) fn key_file(text: &str, directory: &Path) -> Result<GrantedFile, KeyFileFault> {
    let is_path = ["/", "~/", "./"].iter().any(|start| text.starts_with(start));
    if !is_path && text.split(['/', '-', '.']).any(is_like_a_key) {
        return Err(KeyFileFault::Key);
    }
    if Path::new(text).is_absolute() {
        return Ok(GrantedFile::new(shortest(Path::new(text))?));
    }
    if let Some(below) = text.strip_prefix("~/") {
        let home = home_directory().ok_or(KeyFileFault::NoHome)?;
        return Ok(GrantedFile::new(shortest(&home.join(below))?));
    }
    if text.is_empty() || text.starts_with('~') {
        return Err(KeyFileFault::Form);
    }
    let directory = std::path::absolute(directory).map_err(|_| KeyFileFault::Form)?;
    let path = shortest(&directory.join(text))?;
    GrantedFile::within(&directory, path).ok_or(KeyFileFault::Form)
}

/// Returns an absolute path in the form in which it is granted.
fn shortest(path: &Path) -> Result<String, KeyFileFault> {
    let path: PathBuf = path.components().collect();
    let path = path.into_os_string().into_string().map_err(|_| KeyFileFault::Form)?;
    if is_granted_path(&path) { Ok(path) } else { Err(KeyFileFault::Form) }
}

/// Returns why `text` cannot name the file of a key; `None` if it can.
///
/// ```
/// use orchestration_auth::{KeyFileFault, key_file_fault};
///
/// assert_eq!(key_file_fault("/var/run/secrets/token"), None);
/// assert_eq!(key_file_fault("../token"), Some(KeyFileFault::Form));
/// ```
pub fn key_file_fault(text: &str) -> Option<KeyFileFault> {
    key_file(text, Path::new("/")).err()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{KeyFileFault, key_file};

    fn path(text: &str) -> Result<(String, String), KeyFileFault> {
        let file = key_file(text, Path::new("/project"))?;
        Ok((file.path().to_owned(), file.directory().display().to_string()))
    }

    #[test]
    fn a_relative_path_starts_at_the_directory_of_the_file() {
        let at = |path: &str, directory: &str| Ok((path.to_owned(), directory.to_owned()));
        assert_eq!(path("key"), at("/project/key", "/project"));
        assert_eq!(path("./secrets//key"), at("/project/secrets/key", "/project"));
        assert_eq!(path("/run/secrets/key/"), at("/run/secrets/key", "/run/secrets"));
    }

    #[test]
    fn a_path_that_leads_up_or_nowhere_is_refused() {
        for text in ["", "..", "../key", "a/../key", "/run/../key", "~", "~ada/key", "/", "a\nb"] {
            assert_eq!(path(text), Err(KeyFileFault::Form), "{text:?}");
        }
    }

    #[test]
    fn a_key_in_the_place_of_its_file_is_recognised() {
        for key in [
            "gsk_Zx8vQ2mN4tR7wY1bK5dF9hJ3lP6sA0cE",
            "sk-proj-Zq81LmVt93KxBdRw7x2f",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.abc",
        ] {
            assert_eq!(path(key), Err(KeyFileFault::Key), "{key}");
            assert!(path(&format!("./{key}")).is_ok(), "{key}");
        }
        for file in ["corp-key-2026-10-12", "keys/llm.corp.example/key.txt"] {
            assert!(path(file).is_ok(), "{file}");
        }
    }
}
