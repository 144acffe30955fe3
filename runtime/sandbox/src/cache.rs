//! Compiled code on disk.
//!
//! Compiling an interpreter that somebody packed into a component takes many
//! seconds, mapping its code takes milliseconds. But compiled code is run as it
//! is: whoever can write it runs anything, outside of every sandbox. So the
//! folder must belong to this user and be closed to all others, and so must
//! each file; what others could have written is not even read. A digest behind
//! the code finds what a crash or a full disk cut short. A name is made of the
//! component's SHA-256, the version of this product, whose checks the component
//! has passed, and wasmtime's own hash of all that its code depends on, so code of
//! another version or another machine is never met.
//!
//! The file is mapped and not read: of the code of an interpreter, most is never
//! called. That is why the digest is the last thing in it. Nobody changes a file
//! that is there, so what was checked is what is mapped.
//!
//! Losing the cache costs time alone, so nothing that goes wrong with it is an
//! error; a warning says what and where.

use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use orchestration_support::digest::{hex, sha256_of};
use orchestration_support::owner_only::{check_owner_only, owner_only_directory, user_directory};

/// The most that the folder may hold, in bytes; then the oldest go.
const MAX_BYTES: u64 = 1 << 30;

const DIGEST_BYTES: u64 = 32;
const SUFFIX: &str = "cwasm";

/// A folder of compiled code.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// What the folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheInfo {
    /// The folder.
    pub folder: PathBuf,
    /// How many components have their code there.
    pub entries: usize,
    /// How many bytes that is.
    pub bytes: u64,
    /// How many bytes it may be at the most.
    pub max_bytes: u64,
}

/// A file of the cache that holds what was written there.
pub(crate) struct CachedCode(File);

/// The place of one component's code.
pub(crate) struct Entry<'a> {
    cache: &'a Cache,
    path: PathBuf,
}

impl Cache {
    /// The folder at this path, which need not be there yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// `$XDG_CACHE_HOME/orchestration/compiled`, or the same under `~/.cache`.
    /// None where the user has no home.
    pub fn of_this_user() -> Option<Self> {
        let base = user_directory("XDG_CACHE_HOME", ".cache")?;
        Some(Self::at(base.join("orchestration/compiled")))
    }

    /// What the folder holds. One that is not there holds nothing.
    ///
    /// # Errors
    ///
    /// Fails where it can't be read.
    pub fn info(&self) -> io::Result<CacheInfo> {
        let files = self.files()?;
        Ok(CacheInfo {
            folder: self.folder.clone(),
            entries: files.len(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            max_bytes: MAX_BYTES,
        })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether code from there is run: whether nobody else could have put it
    /// there. A folder that is not there yet is as good.
    ///
    /// # Errors
    ///
    /// Fails with the reason for which it is not used.
    pub fn check(&self) -> io::Result<()> {
        match fs::symlink_metadata(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            metadata => check_owner_only(&self.folder, &metadata?),
        }
    }

    /// Removes all code, and says what was there. Strategies are compiled anew
    /// when they are next asked for.
    ///
    /// # Errors
    ///
    /// Fails where a file can't be removed.
    pub fn clear(&self) -> io::Result<CacheInfo> {
        let info = self.info()?;
        for file in self.files()? {
            remove(&file.path)?;
        }
        Ok(info)
    }

    /// Where the code of the component with this digest is kept for `engine`.
    pub(crate) fn entry(&self, engine: &Engine, component_sha256: &str) -> Entry<'_> {
        let mut compatible = Sha256Hasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut compatible);
        env!("CARGO_PKG_VERSION").hash(&mut compatible);
        let compatible = hex(compatible.0.finalize().get(..8).unwrap_or_default());
        let name = format!("{component_sha256}-{compatible}.{SUFFIX}");
        Entry { cache: self, path: self.folder.join(name) }
    }

    fn files(&self) -> io::Result<Vec<CachedFile>> {
        let folder = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            folder => folder?,
        };
        let mut files = Vec::new();
        for entry in folder {
            let entry = entry?;
            // Another process may remove files at the same time.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push(CachedFile { path: entry.path(), bytes: metadata.len(), written });
            }
        }
        Ok(files)
    }

    /// Removes the oldest files until `room` more bytes fit.
    fn make_room(&self, room: u64) -> io::Result<()> {
        let mut files = self.files()?;
        files.sort_by_key(|file| file.written);
        let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
        for file in files {
            if bytes.saturating_add(room) <= MAX_BYTES {
                break;
            }
            remove(&file.path)?;
            bytes -= file.bytes;
        }
        Ok(())
    }
}

struct CachedFile {
    path: PathBuf,
    bytes: u64,
    written: SystemTime,
}

impl CachedCode {
    /// A path to this very file: its own could lead elsewhere by now.
    pub(crate) fn path(&self) -> PathBuf {
        format!("/dev/fd/{}", self.0.as_raw_fd()).into()
    }
}

impl Entry<'_> {
    /// The code, if it is there and fit to be run.
    pub(crate) fn load(&self) -> Option<CachedCode> {
        match self.try_load() {
            Ok(code) => Some(code),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn("not used", &self.path, &error);
                None
            }
        }
    }

    fn try_load(&self) -> io::Result<CachedCode> {
        check_owner_only(&self.cache.folder, &fs::symlink_metadata(&self.cache.folder)?)?;
        let mut file = File::open(&self.path)?;
        // Of the open file: the name could lead elsewhere by now.
        let metadata = file.metadata()?;
        check_owner_only(&self.path, &metadata)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
        let code_bytes = metadata.len().checked_sub(DIGEST_BYTES).ok_or_else(damaged)?;
        let found = sha256_of(&mut (&mut file).take(code_bytes))?;
        let mut written = Vec::new();
        file.read_to_end(&mut written)?;
        if found.as_slice() != written {
            return Err(damaged());
        }
        Ok(CachedCode(file))
    }

    /// Keeps `code`. Readers see the whole file or none: it is written under
    /// another name first.
    pub(crate) fn store(&self, code: &[u8]) {
        if let Err(error) = self.try_store(code) {
            warn("could not be written", &self.path, &error);
        }
    }

    fn try_store(&self, code: &[u8]) -> io::Result<()> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        owner_only_directory(&self.cache.folder)?;
        self.cache.make_room(DIGEST_BYTES + code.len() as u64)?;
        let unique = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.path.with_extension(format!("{}-{unique}.tmp", process::id()));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)
            .and_then(|mut file| {
                file.write_all(code)?;
                file.write_all(&Sha256::digest(code))
            })
            .and_then(|()| fs::rename(&unfinished, &self.path));
        if written.is_err() {
            // The error that counts is the first one.
            let _ = fs::remove_file(&unfinished);
        }
        written
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn warn(what: &str, path: &Path, error: &io::Error) {
    tracing::warn!(path = %path.display(), reason = %error, "the cache of compiled code {what}");
}

/// SHA-256 in the place of a hash, which need not be the same in two processes.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks: the digest is taken instead.
    fn finish(&self) -> u64 {
        0
    }
}
