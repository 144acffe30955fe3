//! The components on this machine, by their digests.
//!
//! A strategy from a registry runs without the registry: from here. The name of a file is
//! the digest of its content, and a reader checks that, so a file that a full
//! disk cut short, or that something else changed, is as good as none. The directory is
//! owner-only all the same, and bounded: the oldest files make room.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use orchestration_support::bounded_directory::{BoundedDirectory, CacheInfo};
use orchestration_support::owner_only::user_directory;
use orchestration_support::redact::sanitize_path;

use crate::digest::Digest;
use crate::error::RegistryFault;

/// The most bytes in the directory.
const MAX_BYTES: u64 = 1 << 30;

/// A directory of components, manifests and configs.
///
/// ```
/// use orchestration_registry::{ComponentStore, Digest};
///
/// let directory = std::env::temp_dir().join(format!("components-{}", std::process::id()));
/// let store = ComponentStore::at(&directory);
/// let digest = store.keep(b"content")?;
/// assert!(store.has(&digest));
/// assert_eq!(store.read(&digest, 100).as_deref(), Some(b"content".as_slice()));
/// assert!(!store.has(&Digest::of(b"other")));
/// # std::fs::remove_dir_all(directory).ok();
/// # Ok::<(), orchestration_registry::RegistryFault>(())
/// ```
#[derive(Debug, Clone)]
pub struct ComponentStore {
    files: BoundedDirectory,
}

impl ComponentStore {
    /// The most bytes of one component.
    pub const MAX_ENTRY_BYTES: u64 = MAX_BYTES / 4;

    /// Returns the store in `directory`, which need not exist yet.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        let files = BoundedDirectory::at(directory, MAX_BYTES, Self::MAX_ENTRY_BYTES, is_of_store);
        Self { files }
    }

    /// Returns the store in `$XDG_CACHE_HOME/orchestration/components`, which defaults to
    /// `~/.cache/orchestration/components`; `None` if the user has no home directory.
    pub fn for_current_user() -> Option<Self> {
        let base = user_directory("XDG_CACHE_HOME", ".cache")?;
        Some(Self::at(base.join("orchestration/components")))
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        self.files.directory()
    }

    /// Returns what the store contains.
    ///
    /// # Errors
    ///
    /// Fails if the directory can't be read.
    pub fn info(&self) -> io::Result<CacheInfo> {
        self.files.info()
    }

    /// Removes everything, and returns what the store contained.
    ///
    /// # Errors
    ///
    /// Fails if a file can't be removed, and before it removes any if others can write to the
    /// directory.
    pub fn clear(&self) -> io::Result<CacheInfo> {
        self.files.clear()
    }

    /// Returns where the content with this digest is, if it is there. A reader has to
    /// check its digest.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.directory().join(digest.hex())
    }

    /// Returns true if the content with this digest is there, and whole.
    pub fn has(&self, digest: &Digest) -> bool {
        self.read(digest, Self::MAX_ENTRY_BYTES).is_some()
    }

    /// Returns the content with this digest, if it is there, is whole, and has at most `max`
    /// bytes.
    pub fn read(&self, digest: &Digest, max: u64) -> Option<Vec<u8>> {
        let read = || -> io::Result<Vec<u8>> {
            let file = self.files.open(digest.hex())?;
            let mut bytes = Vec::new();
            file.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().ok()?;
        (Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Keeps `content`, and returns its digest. It is written under a temporary name, so
    /// that readers see all of it or nothing.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault::Store`] if it can't be written.
    pub fn keep(&self, content: &[u8]) -> Result<Digest, RegistryFault> {
        let digest = Digest::of(content);
        self.files.replace(digest.hex(), &[content]).map_err(|error| {
            let directory = sanitize_path(self.directory());
            RegistryFault::Store(format!("cannot write to {directory}: {error}"))
        })?;
        Ok(digest)
    }
}

/// Returns true if the store gives files this name, or one that is being written.
fn is_of_store(name: &OsStr) -> bool {
    let name = name.to_str().unwrap_or_default();
    let (digest, rest) = name.split_once('.').unwrap_or((name, ""));
    Digest::from_hex(digest).is_ok() && (rest.is_empty() || rest.ends_with(".tmp"))
}
