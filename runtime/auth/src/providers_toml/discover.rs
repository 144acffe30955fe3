//! Finding the files, and laying them over each other.

use std::env;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::location::Location;
use super::project::{ProjectFile, Trust};
use super::provenance::Layer;
use super::providers::{ProvidersToml, Unused, UnusedReason};

impl ProvidersToml {
    /// The built-in profiles with the file at `path`, which somebody named, laid
    /// over them.
    ///
    /// # Errors
    ///
    /// Fails where the file can't be read or has a mistake in it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        providers.lay_file(Layer::Flag, path)?;
        Ok(providers)
    }

    /// The profiles from where providers.toml lies on this machine: `named`, if
    /// the caller gave a path, else `$ORCHESTRATION_CONFIG`, else the user's own
    /// and over it that of the project that the command was started in, if the
    /// user trusts it. A file that was named must be there; others may be absent.
    ///
    /// # Errors
    ///
    /// Fails where a file can't be read or has a mistake in it.
    pub fn discover(named: Option<&Path>) -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        match Location::of(named) {
            Some(Location { path, layer: Layer::User }) => {
                providers.lay_file_if_there(Layer::User, &path)?;
                providers.lay_project()?;
            }
            Some(Location { path, layer }) => providers.lay_file(layer, &path)?,
            None => providers.lay_project()?,
        }
        Ok(providers)
    }

    /// The built-in profiles with the user's file at `path` laid over them, if
    /// it is there.
    ///
    /// # Errors
    ///
    /// Fails where it is there and can't be read, or has a mistake in it.
    pub fn load_if_there(path: &Path) -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        providers.lay_file_if_there(Layer::User, path)?;
        Ok(providers)
    }

    /// Lays the project's file over the others, or notes why that was not done.
    fn lay_project(&mut self) -> Result<(), ConfigError> {
        let Ok(here) = env::current_dir() else { return Ok(()) };
        let file = match ProjectFile::find(&here) {
            Ok(None) => return Ok(()),
            Ok(Some(file)) => file,
            Err(unused) => {
                self.unused = Some(unused);
                return Ok(());
            }
        };
        let reason = match file.trust() {
            Trust::Trusted => return file.lay_over(self),
            Trust::Changed => UnusedReason::Changed,
            Trust::Unknown => UnusedReason::Unknown,
        };
        self.unused = Some(Unused { path: file.path().to_owned(), reason });
        Ok(())
    }

    /// Where [`discover`](Self::discover) looks for the file, which need not be
    /// there. None where the user has no home and names no file.
    pub fn path(named: Option<&Path>) -> Option<PathBuf> {
        Location::of(named).map(|location| location.path)
    }
}
