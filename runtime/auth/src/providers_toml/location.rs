//! The path of providers.toml.

use std::env;
use std::path::{Path, PathBuf};

use orchestration_support::owner_only::user_directory;

use super::provenance::Layer;

/// The environment variable that names the file.
const CONFIG: &str = "ORCHESTRATION_CONFIG";

/// The path of providers.toml, and what named it.
pub(super) struct Location {
    pub(super) path: PathBuf,
    pub(super) layer: Layer,
}

impl Location {
    pub(super) fn of(named: Option<&Path>) -> Option<Self> {
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
    let config = user_directory("XDG_CONFIG_HOME", ".config")?;
    Some(config.join("orchestration/providers.toml"))
}
