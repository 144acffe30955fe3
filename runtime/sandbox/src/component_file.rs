//! Component files and their digests.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use orchestration_support::digest::{hex, sha256, sha256_of};
use orchestration_support::regular_file::open_regular;

use crate::interface::Interface;
use crate::limits::{Limit, Limits};
use crate::load_error::LoadError;

/// A component on disk, with the digest that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentFile {
    /// The file.
    pub path: PathBuf,
    /// The SHA-256 that it must have, in lower-case hexadecimal. A file that was
    /// replaced after the user accepted it is not run.
    pub sha256: String,
}

impl ComponentFile {
    /// Returns the component at `path`, with its current digest, and what it imports and
    /// exports, or why that can't be read.
    ///
    /// # Errors
    ///
    /// Fails with [`LoadError::Read`] if it cannot be read, and with
    /// [`LoadError::Limit`] if it is larger than the default limit.
    pub fn at(path: &Path) -> Result<(Self, Result<Interface, LoadError>), LoadError> {
        let component = read(path, Limits::default().component_bytes)?;
        let interface = component.interface();
        Ok((Self { path: path.to_owned(), sha256: component.sha256 }, interface))
    }

    /// Checks that `found` is the expected digest.
    ///
    /// # Errors
    ///
    /// Fails with [`LoadError::Digest`] if it is not.
    pub(crate) fn expect(&self, found: String) -> Result<(), LoadError> {
        let Self { path, sha256: expected } = self;
        if found == *expected {
            return Ok(());
        }
        Err(LoadError::Digest { path: path.clone(), expected: expected.clone(), found })
    }
}

/// The bytes of a component file, with their digest.
pub struct ComponentBytes {
    pub(crate) bytes: Vec<u8>,
    /// Their SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// Reads a component file of at most `max_bytes`.
///
/// # Errors
///
/// Fails with [`LoadError::Read`] if it cannot be read, and with
/// [`LoadError::Limit`] if it is larger.
pub fn read(path: &Path, max_bytes: usize) -> Result<ComponentBytes, LoadError> {
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    let read = file.by_ref().take(max_bytes as u64).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    expect_end(path, &mut file, max_bytes)?;
    let sha256 = sha256(&bytes);
    Ok(ComponentBytes { bytes, sha256 })
}

/// Returns the SHA-256 of a component file of at most `max_bytes`, in lower-case
/// hexadecimal.
///
/// # Errors
///
/// Fails as [`read`] does.
pub(crate) fn digest(path: &Path, max_bytes: usize) -> Result<String, LoadError> {
    let mut file = open(path)?;
    let digest = sha256_of(&mut file.by_ref().take(max_bytes as u64));
    let digest = digest.map_err(|error| unreadable(path, &error))?;
    expect_end(path, &mut file, max_bytes)?;
    Ok(hex(&digest))
}

fn open(path: &Path) -> Result<File, LoadError> {
    open_regular(path).map_err(|error| unreadable(path, &error))
}

/// Fails if the file continues after the `max_bytes` that were read.
fn expect_end(path: &Path, file: &mut File, max_bytes: usize) -> Result<(), LoadError> {
    match file.read(&mut [0]).map_err(|error| unreadable(path, &error))? {
        0 => Ok(()),
        _ => Err(LoadError::Limit(Limit::Component(max_bytes))),
    }
}

fn unreadable(path: &Path, reason: &impl ToString) -> LoadError {
    LoadError::Read { path: path.to_owned(), reason: reason.to_string() }
}

impl ComponentBytes {
    /// Returns its size in bytes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Returns what it imports and exports.
    ///
    /// # Errors
    ///
    /// Fails with [`LoadError::NotWasm`], [`LoadError::CoreModule`] or
    /// [`LoadError::Invalid`] if it is not a component.
    pub fn interface(&self) -> Result<Interface, LoadError> {
        Interface::read(&self.bytes)
    }
}
