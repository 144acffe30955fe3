//! The path of providers.toml.

use std::env;
use std::path::{Path, PathBuf};

use orchestration_support::owner_only::user_directory;

use super::error::ConfigError;
use super::provenance::Layer;

/// The environment variable that names the file.
const CONFIG: &str = "ORCHESTRATION_CONFIG";

/// The path of providers.toml, and what named it.
pub(super) struct Location {
    pub(super) path: PathBuf,
    pub(super) layer: Layer,
}

impl Location {
    /// Returns where the file is; `None` if nothing names it and the user has no home
    /// directory.
    ///
    /// A variable is set in one directory and read in another, or in a unit file, where
    /// `~` is an ordinary character. So its path has to be absolute.
    ///
    /// # Errors
    ///
    /// Fails with [`ConfigError::Tilde`] or [`ConfigError::NotAbsolute`] if the path
    /// can't be meant as it is.
    pub(super) fn of(named: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        let variable = || env::var_os(CONFIG).filter(|value| !value.is_empty());
        let (path, layer) = if let Some(path) = named {
            (path.to_owned(), Layer::Flag)
        } else if let Some(path) = variable() {
            (path.into(), Layer::Variable)
        } else {
            return Ok(default_path().map(|path| Self { path, layer: Layer::User }));
        };
        if path.starts_with("~") {
            return Err(ConfigError::Tilde { path });
        }
        if layer == Layer::Variable && !path.is_absolute() {
            return Err(ConfigError::NotAbsolute { variable: CONFIG, path });
        }
        Ok(Some(Self { path, layer }))
    }
}

/// `$XDG_CONFIG_HOME/orchestration/providers.toml`, or the same under `~/.config`.
pub(super) fn default_path() -> Option<PathBuf> {
    let config = user_directory("XDG_CONFIG_HOME", ".config")?;
    Some(config.join("orchestration/providers.toml"))
}
