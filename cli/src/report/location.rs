//! A position in a file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

/// A position in a file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Location<'a> {
    /// The file.
    pub(crate) file: Cow<'a, str>,
    /// The line in it, from 1; null if no line is at fault.
    pub(crate) line: Option<usize>,
}

impl Location<'_> {
    /// The file as CI tools expect it: relative if it is in the current directory.
    pub(super) fn relative(&self) -> PathBuf {
        let path = Path::new(&*self.file);
        let here = std::env::current_dir().ok();
        let inside = here.and_then(|here| path.strip_prefix(here).ok());
        inside.unwrap_or(path).to_owned()
    }
}
