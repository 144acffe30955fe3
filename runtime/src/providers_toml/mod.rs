//! providers.toml: where it lies, what it says, and how it meets the built-in
//! profiles.
//!
//! Layers lie over each other: the built-in profiles, the user's file, and that
//! of the [`project`] if the user trusts it. A file that was named takes the place
//! of both. [`provenance`] knows which of them wrote a value.
//!
//! A mistake in it ends the command: a profile that silently falls back to its
//! defaults would send a key to the wrong place. [`error`] shows where the
//! mistake is without showing what else stands there; [`schema`] is the format.

mod error;
mod project;
mod provenance;
mod schema;

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use error::{ConfigError, Excerpt};
pub use project::{ProjectFile, Trust, Unused, UnusedReason};
pub use provenance::{Field, Layer, Origin, Place};

use crate::private::user_folder;
use crate::{ProviderError, ProviderProfile, StrategyConfig};
use provenance::Provenance;

/// The variable that names another file.
const CONFIG: &str = "ORCHESTRATION_CONFIG";

/// The largest file that is read, in bytes: some hundred thousand profiles. It
/// keeps a path that leads to a device from filling the memory.
const MAX_BYTES: u64 = 16 << 20;

/// The profiles: the built-in ones, and those that files add or change.
#[derive(Debug, Clone)]
pub struct ProvidersToml {
    profiles: BTreeMap<String, Arc<ProviderProfile>>,
    strategies: BTreeMap<String, StrategyConfig>,
    provenance: Provenance,
    unused: Option<Unused>,
}

impl ProvidersToml {
    /// The built-in profiles alone.
    pub fn built_in() -> Self {
        let profiles = ProviderProfile::built_in();
        let profiles = profiles.into_iter().map(|profile| (profile.name.clone(), profile.into()));
        Self {
            profiles: profiles.collect(),
            strategies: BTreeMap::new(),
            provenance: Provenance::default(),
            unused: None,
        }
    }

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

    fn lay_file_if_there(&mut self, layer: Layer, path: &Path) -> Result<(), ConfigError> {
        match self.lay_file(layer, path) {
            Err(ConfigError::Read { source, .. }) if is_absent(&source) => Ok(()),
            laid => laid,
        }
    }

    fn lay_file(&mut self, layer: Layer, path: &Path) -> Result<(), ConfigError> {
        let unreadable = |source| ConfigError::Read { path: path.to_owned(), source };
        let bytes = read(path).map_err(unreadable)?;
        self.lay(layer, path, &bytes)
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

    /// Lays `bytes`, which the file at `path` holds, over what is there.
    fn lay(&mut self, layer: Layer, path: &Path, bytes: &[u8]) -> Result<(), ConfigError> {
        let text = str::from_utf8(bytes)
            .map_err(|error| ConfigError::not_unicode(path, bytes, error.valid_up_to()))?;
        self.provenance.begin(layer, path);
        schema::parse(text)
            .and_then(|file| file.apply(path.parent().unwrap_or(Path::new("")), text, self))
            .map_err(|mistake| mistake.locate(path, text))
    }

    /// The built-in profiles with `bytes`, which the file at `path` holds, laid
    /// over them.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ConfigError> {
        let mut providers = Self::built_in();
        providers.lay(Layer::User, path, bytes)?;
        Ok(providers)
    }

    /// The same with this strategy, in the place of one of its auth type.
    #[must_use]
    pub fn with_strategy(mut self, strategy: StrategyConfig) -> Self {
        self.strategies.insert(strategy.auth_type.clone(), strategy);
        self
    }

    /// Where [`discover`](Self::discover) looks for the file, which need not be
    /// there. None where the user has no home and names no file.
    pub fn path(named: Option<&Path>) -> Option<PathBuf> {
        Location::of(named).map(|location| location.path)
    }

    /// Every profile, sorted by name.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &Arc<ProviderProfile>> {
        self.profiles.values()
    }

    /// Where the profile is written: in the topmost layer that has it. None for a
    /// built-in one that no file mentions.
    pub fn place(&self, profile: &str) -> Option<Place<'_>> {
        self.provenance.place(profile)
    }

    /// Where a value of the profile comes from.
    pub fn origin(&self, profile: &str, field: Field) -> Origin<'_> {
        self.provenance.origin(profile, field)
    }

    /// The project's file, where there is one that is used.
    pub fn project(&self) -> Option<&Path> {
        self.provenance.file(Layer::Project)
    }

    /// The project's file, where there is one that is not used, and why.
    pub fn unused(&self) -> Option<&Unused> {
        self.unused.as_ref()
    }

    /// Every strategy that files configure, sorted by auth type.
    pub fn strategies(&self) -> impl ExactSizeIterator<Item = &StrategyConfig> {
        self.strategies.values()
    }

    /// The profile of this name.
    ///
    /// # Errors
    ///
    /// Fails with the names that there are, where there is none of this name.
    pub fn profile(&self, name: &str) -> Result<&Arc<ProviderProfile>, ProviderError> {
        self.profiles.get(name).ok_or_else(|| ProviderError::UnknownProfile {
            name: crate::text::presentable(name, []),
            available: self.profiles.keys().cloned().collect(),
        })
    }
}

/// Where providers.toml lies.
struct Location {
    path: PathBuf,
    layer: Layer,
}

impl Location {
    fn of(named: Option<&Path>) -> Option<Self> {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let at = |layer| move |path| Self { path, layer };
        named
            .map(PathBuf::from)
            .map(at(Layer::Flag))
            .or_else(|| variable(CONFIG).map(PathBuf::from).map(at(Layer::Variable)))
            .or_else(|| default_path().map(at(Layer::User)))
    }
}

/// `$XDG_CONFIG_HOME/orchestration/providers.toml`, or the same under `~/.config`.
fn default_path() -> Option<PathBuf> {
    let config = user_folder("XDG_CONFIG_HOME", ".config")?;
    Some(config.join("orchestration/providers.toml"))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it is larger than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
