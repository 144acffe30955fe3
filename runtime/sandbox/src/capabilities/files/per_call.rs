//! The files that one call has taken.

use std::sync::Arc;

use orchestration_support::within::FileFault;
use zeroize::Zeroizing;

use crate::bindings::orchestration::auth::files::FileError;
use crate::capabilities::secrets::Held;

/// What a granted file holds.
#[derive(Clone)]
pub(crate) enum Content {
    Absent,
    Blank,
    Text(Held),
    Fault(FileError),
}

impl Content {
    /// Returns what a file holds, without line breaks at the end.
    pub(super) fn of(read: Result<Zeroizing<Vec<u8>>, FileFault>) -> Self {
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(FileFault::Absent) => return Self::Absent,
            Err(FileFault::Outside) => return Self::Fault(FileError::Outside),
            Err(FileFault::NotRegular) => return Self::Fault(FileError::NotRegular),
            Err(FileFault::TooLarge) => return Self::Fault(FileError::TooLarge),
            Err(FileFault::Unreadable(_)) => return Self::Fault(FileError::Unreadable),
        };
        match str::from_utf8(&bytes) {
            Err(_) => Self::Fault(FileError::NotUnicode),
            Ok(text) if text.trim().is_empty() => Self::Blank,
            Ok(text) => Self::Text(Held::found(Arc::from(text.trim_end_matches(['\r', '\n'])))),
        }
    }
}

/// The files that a call has taken, by path. Asking again returns the first answer, so
/// asking in a loop costs the host nothing, and a file that changes meanwhile does not
/// change the call.
#[derive(Default)]
pub(crate) struct Taken(Vec<(String, Content)>);

impl Taken {
    /// Returns what is known of the file at `path`.
    pub(super) fn get(&self, path: &str) -> Option<&Content> {
        self.0.iter().find(|(known, _)| known == path).map(|(_, content)| content)
    }

    /// Keeps what the file at `path` holds.
    pub(super) fn keep(&mut self, path: &str, content: Content) {
        self.0.push((path.to_owned(), content));
    }

    /// Returns true if the strategy took the file at `path`.
    pub(crate) fn has(&self, path: &str) -> bool {
        matches!(self.get(path), Some(Content::Text(_)))
    }
}
