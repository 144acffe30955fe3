//! Paths that stay below the directory that they begin in.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path};

use crate::file_fault::FileFault;

/// Returns the names that a path consists of, if none of them leads up.
pub(crate) fn names(path: &Path) -> Result<VecDeque<OsString>, FileFault> {
    let mut names = VecDeque::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push_back(name.to_owned()),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(FileFault::Outside);
            }
        }
    }
    Ok(names)
}
