//! The settings file of a client, as it is.

use std::path::PathBuf;

use super::error::{ClientError, SettingsError};
use super::kind::Client;
use super::setup::Setup;
use crate::edited_file::EditedFile;

/// The most that a settings file may hold, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// The settings of a client, and what they say of this program.
pub(crate) struct Settings {
    client: Client,
    /// The file, whose text was read.
    pub(super) file: EditedFile,
    /// What the client is told; `None` if nothing of this program is there.
    pub(crate) setup: Option<Setup>,
}

impl Settings {
    /// Reads the settings of `client`.
    pub(crate) fn of(client: Client) -> Result<Self, ClientError> {
        let path = client.settings().ok_or(ClientError::NoHome(client))?;
        Self::at(client, path)
    }

    /// Reads the settings of `client` in this file.
    pub(crate) fn at(client: Client, path: PathBuf) -> Result<Self, ClientError> {
        let file = EditedFile::open(&path, MAX_BYTES)?;
        let setup = client.found(file.text()?);
        let setup = setup.map_err(|error| ClientError::Settings { path, error })?;
        Ok(Self { client, file, setup })
    }

    /// Returns the text of the file with these lines in it.
    pub(super) fn with(&self, setup: &Setup) -> Result<String, ClientError> {
        let text = self.file.text()?;
        let written = self.client.removed(text).and_then(|text| self.client.added(&text, setup));
        written.map_err(|error| self.error(error))
    }

    /// Returns the text of the file without our lines.
    pub(super) fn without(&self) -> Result<String, ClientError> {
        self.client.removed(self.file.text()?).map_err(|error| self.error(error))
    }

    fn error(&self, error: SettingsError) -> ClientError {
        ClientError::Settings { path: self.file.path().to_owned(), error }
    }
}
