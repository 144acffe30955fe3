//! A position in a file.

use std::path::{Path, PathBuf};
use std::{env, fs};

use orchestration_runtime::sanitize_path;
use schemars::JsonSchema;
use serde::Serialize;

/// The variables in which GitHub Actions and GitLab name the repository's directory.
const ROOTS: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// A position in a file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Location<'a> {
    /// The file.
    file: String,
    /// The line in it, from 1; null if no line is at fault.
    pub(super) line: Option<usize>,
    #[serde(skip)]
    path: &'a Path,
}

impl<'a> Location<'a> {
    /// A line of the file at `path`.
    pub(crate) fn new(path: &'a Path, line: Option<usize>) -> Self {
        Self { file: sanitize_path(path), line, path }
    }

    /// The file as CI tools expect it: relative to the repository if it is in there,
    /// else absolute. Logs and pages show it, so it is sanitized.
    pub(super) fn relative(&self) -> String {
        sanitize_path(&self.within_repository())
    }

    fn within_repository(&self) -> PathBuf {
        let path = resolved(self.path);
        let inside = repository().and_then(|root| Some(path.strip_prefix(root).ok()?.to_owned()));
        inside.unwrap_or(path)
    }
}

/// The path without links and `..` in its directory. A link in place of the file stays:
/// the repository has that, and not what it leads to.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = absolute.file_name();
    let directory = absolute.parent().and_then(|directory| directory.canonicalize().ok());
    directory.zip(name).map(|(directory, name)| directory.join(name)).unwrap_or(absolute)
}

/// The root of the repository: the CI system's, or the nearest directory with a `.git`.
/// Without one, the current directory.
fn repository() -> Option<PathBuf> {
    let named = |variable| env::var_os(variable).map(PathBuf::from).filter(|path| path.is_dir());
    let here = env::current_dir().ok();
    let has_git = |directory: &&Path| fs::symlink_metadata(directory.join(".git")).is_ok();
    let nearest = here.iter().flat_map(|here| here.ancestors()).find(has_git).map(Path::to_owned);
    let root = ROOTS.into_iter().find_map(named).or(nearest).or(here)?;
    root.canonicalize().ok()
}
