//! Compiled code on disk.
//!
//! Compiling a component that contains an interpreter takes many seconds; mapping its
//! compiled code takes milliseconds. But compiled code runs unchecked: an attacker who
//! can write it can run anything, outside the sandbox. So the directory and each file
//! must belong to this user and be writable by no one else; anything that others could
//! have written is not even read. A digest at the end of each file detects code that a
//! crash or a full disk truncated. The name of a file combines the component's SHA-256,
//! the version of this product, whose checks the component has passed, and wasmtime's
//! hash of everything that compiled code depends on, so code from another version or
//! machine is not found.
//!
//! Files are mapped rather than read, because most of an interpreter's code is never
//! called. A file is never changed once it exists, so the code that was checked is the
//! code that is mapped.
//!
//! Losing the cache only costs time, so problems with it are warnings, not errors.

use std::ffi::OsStr;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use orchestration_support::bounded_directory::{BoundedDirectory, CacheInfo, remove_if_there};
use orchestration_support::digest::{hex, sha256_of};
use orchestration_support::owner_only::user_directory;
use orchestration_support::redact::sanitize_path;

use crate::platform::path_of_open;

/// The most bytes of code in the directory. Beyond that, the oldest files are removed.
const MAX_BYTES: u64 = 1 << 30;

/// The most that one entry may hold, in bytes: no strategy evicts all others. The code
/// of an interpreter of 18 MB takes 60 MB.
const MAX_ENTRY_BYTES: u64 = MAX_BYTES / 4;

const DIGEST_BYTES: u64 = 32;
const SUFFIX: &str = "cwasm";

/// A directory of compiled code.
///
/// ```
/// use orchestration_sandbox::Cache;
///
/// # fn main() -> std::io::Result<()> {
/// # let directory = std::env::temp_dir().join(format!("no-cache-{}", std::process::id()));
/// // The directory is created when a component is first compiled.
/// let cache = Cache::at(directory);
/// cache.check()?;
/// assert_eq!(cache.info()?.entries, 0);
/// // To use it, pass it to `Sandbox::load_file`.
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Cache {
    files: BoundedDirectory,
}

/// An open file of the cache, whose digest has been checked.
pub(crate) struct CachedCode {
    file: File,
    path: PathBuf,
}

/// The cache entry of one component.
pub(crate) struct Entry<'a> {
    cache: &'a Cache,
    name: String,
    path: PathBuf,
}

impl Cache {
    /// Returns the cache in `directory`, which need not exist yet.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { files: BoundedDirectory::at(directory, MAX_BYTES, MAX_ENTRY_BYTES, is_of_cache) }
    }

    /// Returns the cache in `$XDG_CACHE_HOME/orchestration/compiled`, which defaults to
    /// `~/.cache/orchestration/compiled`; `None` if the user has no home directory.
    pub fn for_current_user() -> Option<Self> {
        let base = user_directory("XDG_CACHE_HOME", ".cache")?;
        Some(Self::at(base.join("orchestration/compiled")))
    }

    /// Returns what the cache contains. A directory that does not exist is an empty
    /// cache.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be read.
    pub fn info(&self) -> io::Result<CacheInfo> {
        self.files.info()
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        self.files.directory()
    }

    /// Checks that code from this directory can be run, because no one else could have
    /// written it. A directory that does not exist yet passes.
    ///
    /// # Errors
    ///
    /// Fails with [`io::ErrorKind::PermissionDenied`] if others can write to it, and with
    /// the error of the file system if that cannot be found out.
    pub fn check(&self) -> io::Result<()> {
        self.files.check()
    }

    /// Removes all code, and returns what the cache contained. Strategies are compiled
    /// again when they are next called.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be removed, and before it removes any if code from the
    /// directory would not be run.
    pub fn clear(&self) -> io::Result<CacheInfo> {
        self.files.clear()
    }

    /// Returns the entry for the component with this digest, compiled by `engine`.
    pub(crate) fn entry(&self, engine: &Engine, component_sha256: &str) -> Entry<'_> {
        let engine = engine.precompile_compatibility_hash();
        let name = file_name(component_sha256, engine, env!("CARGO_PKG_VERSION"));
        Entry { cache: self, path: self.directory().join(&name), name }
    }
}

impl CachedCode {
    /// Returns a path to the open file.
    pub(crate) fn path(&self) -> PathBuf {
        path_of_open(&self.file, &self.path)
    }
}

impl Entry<'_> {
    /// Returns the code, if it is cached and safe to run.
    pub(crate) fn load(&self) -> Option<CachedCode> {
        match self.try_load() {
            Ok(code) => Some(code),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn("is not used", &self.path, &error);
                None
            }
        }
    }

    pub(crate) fn try_load(&self) -> io::Result<CachedCode> {
        let mut file = self.cache.files.open(&self.name)?;
        let metadata = file.metadata()?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
        // A file may claim any size, with nothing on the disk.
        if metadata.len() > MAX_BYTES {
            return Err(damaged());
        }
        let code_bytes = metadata.len().checked_sub(DIGEST_BYTES).ok_or_else(damaged)?;
        let found = sha256_of(&mut (&mut file).take(code_bytes))?;
        let mut written = Vec::new();
        file.read_to_end(&mut written)?;
        if found.as_slice() != written {
            return Err(damaged());
        }
        Ok(CachedCode { file, path: self.path.clone() })
    }

    /// Removes the entry, if it exists.
    pub(crate) fn remove(&self) -> io::Result<()> {
        remove_if_there(&self.path)
    }

    /// Stores `code`, and returns whether that worked. It is written under a temporary name
    /// and then renamed, so that readers see the whole file or none.
    pub(crate) fn store(&self, code: &[u8]) -> bool {
        let stored = self.try_store(code);
        if let Err(error) = &stored {
            warn("could not be written", &self.path, error);
        }
        stored.is_ok()
    }

    pub(crate) fn try_store(&self, code: &[u8]) -> io::Result<()> {
        self.cache.files.replace(&self.name, &[code, &Sha256::digest(code)])
    }
}

/// Returns the name of the file with the code of a component, compiled by this engine and
/// checked by this version of the product.
fn file_name(component_sha256: &str, engine: impl Hash, version: &str) -> String {
    let mut compatible = Sha256Hasher(Sha256::new());
    engine.hash(&mut compatible);
    version.hash(&mut compatible);
    let compatible = hex(compatible.0.finalize().get(..8).unwrap_or_default());
    format!("{component_sha256}-{compatible}.{SUFFIX}")
}

/// Whether the cache gives files this name: `SHA256-COMPATIBLE.cwasm`, or that of one
/// that is being written.
fn is_of_cache(name: &OsStr) -> bool {
    let is_hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let parts = name.to_str().and_then(|name| {
        let (component, rest) = name.split_once('-')?;
        rest.split_once('.').map(|(compatible, suffix)| (component, compatible, suffix))
    });
    parts.is_some_and(|(component, compatible, suffix)| {
        let is_known = suffix == SUFFIX || suffix.ends_with(".tmp");
        is_hex(component, 64) && is_hex(compatible, 16) && is_known
    })
}

fn warn(what: &str, path: &Path, error: &io::Error) {
    tracing::warn!(path = %sanitize_path(path), reason = %error, "the compiled-code cache {what}");
}

/// Feeds SHA-256 through the interface of a hasher, because the standard hashers may
/// differ between processes.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Never called: the digest is used instead.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::{OsStr, file_name, is_of_cache};

    #[test]
    fn code_is_found_for_its_component_engine_and_version_only() {
        let [one, other] = ["a", "b"].map(|digit| digit.repeat(64));
        let name = file_name(&one, "engine", "0.1.0");
        assert!(is_of_cache(OsStr::new(&name)), "{name}");
        assert_eq!(name, file_name(&one, "engine", "0.1.0"));
        for elsewhere in [
            file_name(&other, "engine", "0.1.0"),
            file_name(&one, "another engine", "0.1.0"),
            file_name(&one, "engine", "0.2.0"),
        ] {
            assert_ne!(name, elsewhere);
        }
    }
}
