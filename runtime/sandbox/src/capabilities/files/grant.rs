//! Grants of files: one file of the host, by exact path.

use std::path::{Component, Path, PathBuf};

/// The key of `[strategies.NAME]` that lists the granted files.
pub(crate) const TOML_KEY: &str = "files";

/// The most bytes of a path.
pub(crate) const MAX_PATH: usize = 1024;

/// What a stored key is called in the place of a path. No path of a file is like this.
pub const STORED_KEY: &str = "stored key";

/// A file that a strategy may take, and the directory that links may not lead out of.
///
/// ```
/// use std::path::Path;
///
/// use orchestration_sandbox::GrantedFile;
///
/// let file = GrantedFile::new("/var/run/secrets/corp/token");
/// assert_eq!(file.directory(), Path::new("/var/run/secrets/corp"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantedFile {
    path: String,
    directory: PathBuf,
}

impl GrantedFile {
    /// Returns the file at this path, whose links may not lead out of its directory.
    pub fn new(path: impl Into<String>) -> Self {
        let path = path.into();
        let directory = Path::new(&path).parent().unwrap_or(Path::new("/")).to_owned();
        Self { path, directory }
    }

    /// Returns the file at this path, no part of which, below `directory`, may be a link
    /// out of there. `None` if the path is not in the directory.
    pub fn within(directory: &Path, path: impl Into<String>) -> Option<Self> {
        let path = path.into();
        let is_in = Path::new(&path).strip_prefix(directory).is_ok();
        is_in.then(|| Self { path, directory: directory.to_owned() })
    }

    /// Returns what stands for a file if the profile names none and the user stored a key.
    pub fn stored_key() -> Self {
        Self { path: STORED_KEY.to_owned(), directory: PathBuf::new() }
    }

    /// Returns its path, which is absolute unless it is [`STORED_KEY`].
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the directory that links may not lead out of.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns its path below that directory.
    pub(super) fn below(&self) -> &Path {
        let path = Path::new(&self.path);
        path.strip_prefix(&self.directory).unwrap_or(path)
    }
}

/// Returns true if `text` can be the path of a granted file: an absolute path in its
/// shortest form, without `.`, `..` and empty parts, of at most 1024 bytes. Grants are
/// compared as texts, so a file must not have two of them.
///
/// ```
/// use orchestration_sandbox::is_granted_path;
///
/// assert!(is_granted_path("/var/run/secrets/token"));
/// assert!(!is_granted_path("secrets/token"));
/// assert!(!is_granted_path("/var/run/../token"));
/// assert!(!is_granted_path("/var//token"));
/// ```
pub fn is_granted_path(text: &str) -> bool {
    let path = Path::new(text);
    let shortest: PathBuf = path.components().collect();
    // On Windows, a drive goes before the root.
    let is_start = |part: &Component| matches!(part, Component::Prefix(_) | Component::RootDir);
    let mut names = path.components().filter(|part| !is_start(part)).peekable();
    text.len() <= MAX_PATH
        && path.is_absolute()
        && names.peek().is_some()
        && names.all(|name| matches!(name, Component::Normal(_)))
        && shortest.as_os_str() == text
        && !text.contains(char::is_control)
}
