//! providers.toml: where it lies, what it says, and how it meets the built-in
//! profiles.
//!
//! A mistake in it ends the command: a profile that silently falls back to its
//! defaults would send a key to the wrong place. [`error`] shows where the
//! mistake is without showing what else stands there; [`schema`] is the format.

mod error;
mod schema;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use error::{ConfigError, Excerpt};

use crate::{ProviderError, ProviderProfile, StrategyConfig};

/// The variable that names another file.
const CONFIG: &str = "ORCHESTRATION_CONFIG";

/// The largest file that is read, in bytes: some hundred thousand profiles. It
/// keeps a path that leads to a device from filling the memory.
const MAX_BYTES: u64 = 16 << 20;

/// The profiles: the built-in ones, and those that a file adds or changes.
#[derive(Debug, Clone)]
pub struct ProvidersToml {
    profiles: BTreeMap<String, ProviderProfile>,
    strategies: BTreeMap<String, StrategyConfig>,
}

impl ProvidersToml {
    /// The built-in profiles alone.
    pub fn built_in() -> Self {
        let profiles = ProviderProfile::built_in();
        let profiles = profiles.into_iter().map(|profile| (profile.name.clone(), profile));
        Self { profiles: profiles.collect(), strategies: BTreeMap::new() }
    }

    /// The built-in profiles with the file at `path` laid over them.
    ///
    /// # Errors
    ///
    /// Fails where the file can't be read or has a mistake in it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Read { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        if bytes.len() as u64 > MAX_BYTES {
            let reason = format!("it is larger than {} MiB", MAX_BYTES >> 20);
            return Err(unreadable(io::Error::other(reason)));
        }
        Self::parse(path, &bytes)
    }

    /// The built-in profiles with `bytes`, which the file at `path` holds, laid
    /// over them.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ConfigError> {
        let text = str::from_utf8(bytes)
            .map_err(|error| ConfigError::not_unicode(path, bytes, error.valid_up_to()))?;
        let mut providers = Self::built_in();
        schema::parse(text)
            .and_then(|file| file.apply(path.parent().unwrap_or(Path::new("")), &mut providers))
            .map_err(|mistake| mistake.locate(path, text))?;
        Ok(providers)
    }

    /// The profiles from where providers.toml lies on this machine: `named`, if
    /// the caller gave a path, else `$ORCHESTRATION_CONFIG`, else the default
    /// one. A file that was named must be there; the default one may be absent.
    ///
    /// # Errors
    ///
    /// Fails where the file can't be read or has a mistake in it.
    pub fn discover(named: Option<&Path>) -> Result<Self, ConfigError> {
        match Location::of(named) {
            Some(Location { path, named: true }) => Self::load(&path),
            Some(Location { path, named: false }) => Self::load_if_there(&path),
            None => Ok(Self::built_in()),
        }
    }

    /// The built-in profiles with the file at `path` laid over them, if it is
    /// there.
    ///
    /// # Errors
    ///
    /// Fails where it is there and can't be read, or has a mistake in it.
    pub fn load_if_there(path: &Path) -> Result<Self, ConfigError> {
        match Self::load(path) {
            Err(ConfigError::Read { source, .. }) if is_absent(&source) => Ok(Self::built_in()),
            loaded => loaded,
        }
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
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &ProviderProfile> {
        self.profiles.values()
    }

    /// Every strategy that the file configures, sorted by auth type.
    pub fn strategies(&self) -> impl ExactSizeIterator<Item = &StrategyConfig> {
        self.strategies.values()
    }

    /// The profile of this name.
    ///
    /// # Errors
    ///
    /// Fails with the names that there are, where there is none of this name.
    pub fn profile(&self, name: &str) -> Result<&ProviderProfile, ProviderError> {
        self.profiles.get(name).ok_or_else(|| ProviderError::UnknownProfile {
            name: crate::text::presentable(name, []),
            available: self.profiles.keys().cloned().collect(),
        })
    }
}

/// Where providers.toml lies.
struct Location {
    path: PathBuf,
    /// Whether the user named it, and so says that it is there.
    named: bool,
}

impl Location {
    fn of(named: Option<&Path>) -> Option<Self> {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let named = named.map(PathBuf::from).or_else(|| variable(CONFIG).map(PathBuf::from));
        match named {
            Some(path) => Some(Self { path, named: true }),
            None => default_path(variable).map(|path| Self { path, named: false }),
        }
    }
}

/// `$XDG_CONFIG_HOME/orchestration/providers.toml`, or the same under
/// `~/.config`. The XDG base directory specification wants relative paths there
/// to be ignored.
fn default_path(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let xdg = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || variable("HOME").map(PathBuf::from);
    let config = xdg.or_else(|| home().map(|home| home.join(".config")))?;
    Some(config.join("orchestration/providers.toml"))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
