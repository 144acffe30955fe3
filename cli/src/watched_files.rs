//! Files whose content matters, and whether it has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use crate::platform::files::{FileIdentity, identity};

/// How often it is looked whether a file has changed. A change is to take effect within a
/// second.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// Files, each as it was when it was last looked at.
#[derive(Default)]
pub(crate) struct WatchedFiles(Vec<(PathBuf, FileState)>);

impl WatchedFiles {
    /// Watches the file at `path` as well, which need not exist.
    pub(crate) fn watch(&mut self, path: Option<PathBuf>) {
        if let Some(path) = path.filter(|path| self.0.iter().all(|(known, _)| known != path)) {
            let state = FileState::of(&path);
            self.0.push((path, state));
        }
    }

    /// Returns when one of them has changed.
    pub(crate) async fn changed(&mut self) {
        while !self.0.iter_mut().fold(false, |changed, (path, seen)| changed | seen.renew(path)) {
            sleep(TICK).await;
        }
    }
}

/// What changes about a file with its content: `None` if there is no file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileState(Option<FileIdentity>);

impl FileState {
    /// Returns the state of the file that `path` leads to, through links too: a volume of
    /// Kubernetes replaces a link in the middle of the path.
    pub(crate) fn of(path: &Path) -> Self {
        Self(fs::metadata(path).ok().map(|found| identity(&found)))
    }

    /// Takes over the state of the file at `path`, and returns true if it was another one.
    fn renew(&mut self, path: &Path) -> bool {
        let now = Self::of(path);
        let has_changed = *self != now;
        *self = now;
        has_changed
    }
}
