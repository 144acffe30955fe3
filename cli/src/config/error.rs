//! Why providers.toml could not be changed.

use std::path::PathBuf;

use orchestration_runtime::{ConfigError, InvalidOrigin, InvalidUrl, KeyFileFault, sanitize_path};
use toml_edit::TomlError;

use crate::edited_file::FileError;
use crate::error::CliError;
use crate::remedy;

/// Why providers.toml could not be changed. On every error but [`Damaged`](Self::Damaged)
/// it is left unchanged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    /// There is no directory for it.
    #[error("no home directory to keep providers.toml in")]
    NoHome,
    /// No auth type can have this name.
    #[error(
        "an auth type consists of letters, digits, '-' and '_', starts with a letter or a digit \
         and has at most 64 characters"
    )]
    AuthType,
    /// The auth type is taken.
    #[error("auth type '{0}' is built in")]
    BuiltIn(String),
    /// `--env` got something else than a name, most likely with a value in it.
    #[error("--env takes the name of an environment variable, never its value")]
    Variable,
    /// `--origin` got something else than the origin of a server.
    #[error("--origin: {0}")]
    Origin(InvalidOrigin),
    /// `--readable` got something else than a place that can be granted.
    #[error("--readable takes a JSON pointer to a text that is no token, e.g. /account/name")]
    Readable,
    /// `--api-key-env` got something else than a name, most likely the key.
    #[error("--api-key-env takes the name of the variable that holds the key, never the key")]
    KeyVariable,
    /// `--api-key-env` got the name of a variable that programs act on.
    #[error("--api-key-env can't take a variable that controls how programs run")]
    ReservedVariable,
    /// `--api-key-file` got something that looks like the key.
    #[error("--api-key-file takes the path of the file that holds the key, never the key")]
    KeyFile,
    /// `--api-key-file` got something that is no path.
    #[error("--api-key-file: {0}")]
    KeyFilePath(KeyFileFault),
    /// `--file` got something else than the path of a file.
    #[error("--file takes the absolute path of a file, without '..'")]
    File,
    /// A profile without a credential was told where to find one.
    #[error(
        "--auth-type none means that there is no key, so it excludes --api-key-env and \
         --api-key-file"
    )]
    KeyOfNone,
    /// `--base-url` got something else than a URL that requests can go to.
    #[error("--base-url: {0}")]
    BaseUrl(InvalidUrl),
    /// No profile can have this name.
    #[error(
        "a profile's name consists of letters, digits, '-', '_' and '.', starts with a letter or \
         a digit and has at most 64 characters"
    )]
    ProfileName,
    /// The file has the profile already.
    #[error("profile '{name}' is already in {}", sanitize_path(path))]
    ProfileExists {
        /// The profile.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// The file does not have the profile.
    #[error("no profile '{name}' in {}", sanitize_path(path))]
    UnknownProfile {
        /// The name that was asked for.
        name: String,
        /// The file.
        path: PathBuf,
        /// The profiles that the file has.
        available: Vec<String>,
    },
    /// The path can't be written into TOML.
    #[error("the path {} is not valid Unicode, which providers.toml requires", sanitize_path(.0))]
    Path(PathBuf),
    /// The file does not have the strategy.
    #[error("no strategy '{name}' in {}", sanitize_path(path))]
    UnknownStrategy {
        /// The name that was asked for.
        name: String,
        /// The file.
        path: PathBuf,
        /// The strategies that the file has.
        available: Vec<String>,
    },
    /// The file could not be read or written.
    #[error(transparent)]
    ConfigFile(#[from] FileError),
    /// The new text can't be loaded.
    #[error(
        "{} was not changed, because the new version does not load: {source}",
        sanitize_path(path)
    )]
    WouldNotLoad {
        /// The file.
        path: PathBuf,
        /// Why it does not load.
        source: Box<ConfigError>,
    },
    /// The old text can't be parsed.
    #[error("providers.toml cannot be edited as it is: {0}")]
    Toml(#[from] TomlError),
}

impl From<EditError> for CliError {
    fn from(error: EditError) -> Self {
        let hint = match &error {
            EditError::Origin(error) => Some(remedy::for_origin(error.instead.as_ref())),
            EditError::BaseUrl(error) => Some(remedy::for_url(error)),
            EditError::NoHome => Some(remedy::NAME_FILE.to_owned()),
            EditError::BuiltIn(_) => Some(remedy::OTHER_AUTH_TYPE.to_owned()),
            EditError::ReservedVariable => Some(remedy::UNRESERVED_VARIABLE.to_owned()),
            EditError::ProfileExists { .. } => Some(remedy::CHANGE_PROFILE.to_owned()),
            EditError::UnknownProfile { name, available, .. } => {
                Some(remedy::instead_of(name, available, "profiles"))
            }
            EditError::UnknownStrategy { name, available, .. } => {
                Some(remedy::instead_of(name, available, "strategies"))
            }
            EditError::ConfigFile(error) => for_file(error),
            EditError::WouldNotLoad { source, .. } => remedy::for_configuration(source),
            _ => None,
        };
        Self::usage(error).with_hint(hint)
    }
}

impl From<FileError> for CliError {
    fn from(error: FileError) -> Self {
        EditError::from(error).into()
    }
}

/// What to do about a providers.toml that can't be read or written.
fn for_file(error: &FileError) -> Option<String> {
    match error {
        FileError::Read { .. } => Some(remedy::NAME_OTHER_FILE.to_owned()),
        FileError::Write { source, .. } => remedy::for_unwritable(source).map(str::to_owned),
        FileError::Damaged { kept, path, .. } => Some(remedy::put_back(kept, path)),
        FileError::NotUnicode(_) => Some(remedy::CHANGE_PROFILE.to_owned()),
        FileError::Changed { .. } => Some(remedy::TRY_AGAIN.to_owned()),
    }
}
