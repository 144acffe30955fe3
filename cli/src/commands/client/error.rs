//! Why a client could not be set up.

use std::path::PathBuf;

use orchestration_runtime::sanitize_path;

use super::kind::Client;
use crate::edited_file::FileError;
use crate::error::CliError;
use crate::remedy;

/// Why the settings of a client can't be changed, whichever file they are in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SettingsError {
    /// The text can't be parsed. What it says is not repeated: settings may hold keys.
    #[error("line {line} can't be parsed: {reason}")]
    Broken {
        /// The line, from 1.
        line: usize,
        /// What the parser expected.
        reason: String,
    },
    /// Something else is where an object or a table has to be.
    #[error("{0} is not an object")]
    NotAnObject(String),
    /// A value that this program did not write.
    #[error("{0} is already set, and not by this program")]
    Occupied(String),
}

/// Why a client could not be set up. The settings are unchanged.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    /// There is no directory for the settings.
    #[error("no home directory to look for the settings of {0} in")]
    NoHome(Client),
    /// The settings can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The settings can't be changed as they are.
    #[error("{}: {error}; nothing was written", sanitize_path(path))]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: SettingsError,
    },
    /// The client runs no command for its key.
    #[error("{client} has no setting for a command that prints its key")]
    NoHelper {
        /// The client.
        client: Client,
        /// The profile that it was to use.
        profile: String,
    },
    /// The client speaks another protocol than the provider.
    #[error("{client} does not speak the protocol of {provider}, the provider of '{profile}'")]
    OtherProtocol {
        /// The client.
        client: Client,
        /// The provider.
        provider: &'static str,
        /// The profile.
        profile: String,
    },
    /// The client has no list of models for this server.
    #[error("{client} needs the name of a model for a server that it does not know")]
    NoModel {
        /// The client.
        client: Client,
        /// The profile.
        profile: String,
    },
    /// The profile has no URL that can be written down.
    #[error("profile '{0}' has no base_url that a client can use")]
    NoUrl(String),
    /// The base URL holds a password or a key.
    #[error("base_url of '{0}' has a user or a query, which may be a secret")]
    SecretUrl(String),
    /// The path of this program, or of providers.toml, can't be written into settings.
    #[error("the path {} can't be written into the settings of a client", sanitize_path(.0))]
    Path(PathBuf),
    /// The system does not say where this program is.
    #[error("the path of this program is not known: {0}")]
    Program(std::io::Error),
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        let hint = match &error {
            ClientError::NoHome(client) => Some(remedy::set_home_of(client.directory_variable())),
            ClientError::File(FileError::Changed { .. }) => Some(remedy::TRY_AGAIN.to_owned()),
            ClientError::File(FileError::Damaged { path, kept, .. }) => {
                Some(remedy::put_back(kept, path))
            }
            ClientError::Settings { error: SettingsError::Occupied(_), .. } => {
                Some(remedy::MERGE_SETTINGS.to_owned())
            }
            ClientError::NoHelper { client, profile } => {
                Some(remedy::run_client(profile, client.program()))
            }
            ClientError::NoModel { profile, .. } => Some(remedy::set_default_model(profile)),
            ClientError::NoUrl(profile) => Some(remedy::set_base_url(profile)),
            ClientError::OtherProtocol { .. }
            | ClientError::SecretUrl(_)
            | ClientError::File(_)
            | ClientError::Settings { .. }
            | ClientError::Path(_)
            | ClientError::Program(_) => None,
        };
        Self::usage(error).with_hint(hint)
    }
}
