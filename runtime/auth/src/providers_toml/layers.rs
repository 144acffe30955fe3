//! Applies one file to the layers below it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::error::ConfigError;
use super::provenance::Layer;
use super::providers::ProvidersToml;
use super::schema;

impl ProvidersToml {
    /// The largest file that is read, in bytes: enough for some hundred thousand
    /// profiles. Without it, a path to a device such as /dev/zero would fill the memory.
    pub const MAX_BYTES: u64 = 16 << 20;

    pub(super) fn apply_file_if_exists(
        &mut self,
        layer: Layer,
        path: &Path,
    ) -> Result<(), ConfigError> {
        match self.apply_file(layer, path) {
            Err(ConfigError::Read { source, .. }) if is_absent(&source) => Ok(()),
            applied => applied,
        }
    }

    pub(super) fn apply_file(&mut self, layer: Layer, path: &Path) -> Result<(), ConfigError> {
        let unreadable = |source| ConfigError::Read { path: path.to_owned(), source };
        let bytes = read(path).map_err(unreadable)?;
        self.apply(layer, path, &bytes)
    }

    /// Applies `bytes`, the content of the file at `path`.
    pub(super) fn apply(
        &mut self,
        layer: Layer,
        path: &Path,
        bytes: &[u8],
    ) -> Result<(), ConfigError> {
        let text = str::from_utf8(bytes)
            .map_err(|error| ConfigError::not_unicode(path, bytes, error.valid_up_to()))?;
        self.provenance.begin(layer, path);
        schema::parse(text)
            .and_then(|file| file.apply(path.parent().unwrap_or(Path::new("")), text, self))
            .map_err(|mistake| mistake.locate(path, text))
    }

    /// Returns the built-in profiles and those in `bytes`, the content of a file at
    /// `path`, which need not exist. Relative paths of components start at its
    /// directory.
    ///
    /// # Errors
    ///
    /// Fails with [`ConfigError::Mistake`] if `bytes` contain a mistake, and with
    /// [`ConfigError::Read`] if they are more than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        check_size(bytes).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        providers.apply(Layer::User, path, bytes)?;
        Ok(providers)
    }
}

pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(ProvidersToml::MAX_BYTES + 1).read_to_end(&mut bytes)?;
    check_size(&bytes).map(|()| bytes)
}

fn check_size(bytes: &[u8]) -> io::Result<()> {
    const MAX_BYTES: u64 = ProvidersToml::MAX_BYTES;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("the file is larger than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
