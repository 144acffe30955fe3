//! Where the component of a strategy comes from.

use std::fmt;

use orchestration_registry::{ComponentStore, Digest, Reference};
use orchestration_sandbox::ComponentFile;
use orchestration_support::redact::sanitize_path;

/// The component of a strategy that is not built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Component {
    /// A file.
    File(ComponentFile),
    /// Published in a registry, and run from this machine's store.
    Published(PinnedComponent),
}

/// A component in a registry, with the digests that were accepted. Nothing but the pinned
/// bytes is ever run, whatever the registry has by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedComponent {
    /// The reference, with the digest of the manifest.
    pub reference: Reference,
    /// The digest of the component.
    pub component: Digest,
}

impl Component {
    /// Returns the SHA-256 that it must have, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        match self {
            Self::File(file) => &file.sha256,
            Self::Published(pinned) => pinned.component.hex(),
        }
    }

    /// Returns the reference and the digest, if it is published in a registry.
    pub fn published(&self) -> Option<&PinnedComponent> {
        match self {
            Self::File(_) => None,
            Self::Published(pinned) => Some(pinned),
        }
    }
}

impl PinnedComponent {
    /// Returns the file in `store` that it is run from, if it was fetched.
    pub fn file_in(&self, store: &ComponentStore) -> ComponentFile {
        let (path, sha256) = (store.path(&self.component), self.component.hex().to_owned());
        ComponentFile { path, sha256 }
    }
}

/// The path or the reference, as it is displayed.
impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => f.pad(&sanitize_path(&file.path)),
            Self::Published(pinned) => pinned.reference.fmt(f),
        }
    }
}
