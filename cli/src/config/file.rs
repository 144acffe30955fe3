//! providers.toml, changed: the new text is known to load before the file is replaced.

use std::path::Path;

use orchestration_runtime::{ConfigError, ProvidersToml};

use super::error::EditError;
use crate::edited_file::{EditedFile, FileError};
use crate::error::CliError;

/// providers.toml as it was read.
pub(crate) struct ConfigFile(EditedFile);

impl ConfigFile {
    /// Reads the file at `path`, which need not exist.
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        EditedFile::open(path, ProvidersToml::MAX_BYTES).map(Self)
    }

    /// The content of the file, empty if it does not exist.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    /// The text of the file, empty if it does not exist.
    pub(crate) fn text(&self) -> Result<&str, FileError> {
        self.0.text()
    }

    /// The built-in profiles and those of the file.
    pub(crate) fn providers(&self) -> Result<ProvidersToml, ConfigError> {
        ProvidersToml::parse(self.0.path(), self.bytes())
    }

    /// Replaces the content. Creates the directory if it does not exist.
    pub(crate) fn replace(self, new: &[u8]) -> Result<(), CliError> {
        let path = self.0.path();
        ProvidersToml::parse(path, new).map_err(|source| {
            let (path, source) = (path.to_owned(), Box::new(source));
            EditError::WouldNotLoad { path, source }
        })?;
        Ok(self.0.replace(new)?)
    }
}
