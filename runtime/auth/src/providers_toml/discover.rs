//! Finds the files and layers them.

use std::env;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::location::{Location, default_path};
use super::project::{ProjectFile, Trust};
use super::provenance::Layer;
use super::providers::{ProvidersToml, Unused, UnusedReason};

impl ProvidersToml {
    /// Returns the built-in profiles and those of the file at `path`.
    ///
    /// # Errors
    ///
    /// Fails with [`ConfigError::Read`] if the file can't be read, and with
    /// [`ConfigError::Mistake`] if it contains a mistake.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        providers.apply_file(Layer::Flag, path)?;
        Ok(providers)
    }

    /// Returns the profiles of this machine.
    ///
    /// They are read from the file `named`; if that is `None`, from the file that
    /// `$ORCHESTRATION_CONFIG` names; else from the user's file and, if the user
    /// trusts it, the file of the project that contains the current directory. A
    /// named file must exist; the others may be absent.
    ///
    /// # Errors
    ///
    /// Fails as [`path`](Self::path) does, with [`ConfigError::Read`] if a file can't be
    /// read, and with [`ConfigError::Mistake`] if it contains a mistake.
    pub fn discover(named: Option<&Path>) -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        match Location::of(named)? {
            Some(Location { path, layer: Layer::User }) => {
                providers.apply_file_if_exists(Layer::User, &path)?;
                providers.apply_project()?;
            }
            Some(Location { path, layer }) => providers.apply_file(layer, &path)?,
            None => providers.apply_project()?,
        }
        Ok(providers)
    }

    /// Returns the built-in profiles and those of the user's own file, if there is one:
    /// what a project's file overrides.
    ///
    /// # Errors
    ///
    /// Fails with [`ConfigError::Read`] if the file exists but can't be read, and with
    /// [`ConfigError::Mistake`] if it contains a mistake.
    pub fn of_user() -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        if let Some(path) = default_path() {
            providers.apply_file_if_exists(Layer::User, &path)?;
        }
        Ok(providers)
    }

    /// Applies the project's file, or notes why it is not used.
    fn apply_project(&mut self) -> Result<(), ConfigError> {
        let Ok(directory) = env::current_dir() else { return Ok(()) };
        let file = match ProjectFile::find(&directory) {
            Ok(None) => return Ok(()),
            Ok(Some(file)) => file,
            Err(unused) => {
                self.unused = Some(unused);
                return Ok(());
            }
        };
        let reason = match file.trust() {
            Trust::Trusted => return file.apply_to(self),
            Trust::Changed => UnusedReason::Changed,
            Trust::Unknown => UnusedReason::Unknown,
        };
        self.unused = Some(Unused { path: file.path().to_owned(), reason });
        Ok(())
    }

    /// Returns the path where [`discover`](Self::discover) looks for the file, which
    /// need not exist; `None` if the user has no home directory and names no file.
    ///
    /// # Errors
    ///
    /// Fails with [`ConfigError::Tilde`] if the path starts with a `~`, and with
    /// [`ConfigError::NotAbsolute`] if a variable names it and it is relative.
    pub fn path(named: Option<&Path>) -> Result<Option<PathBuf>, ConfigError> {
        Ok(Location::of(named)?.map(|location| location.path))
    }
}
