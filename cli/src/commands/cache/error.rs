//! The caches of the current user, and why they can't be used.

use std::io;

use orchestration_runtime::{Cache, ComponentStore};

use crate::error::CliError;
use crate::remedy;

/// Why the cache can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CacheError {
    /// There is no directory for it.
    #[error("no home directory to keep components and compiled code in")]
    NoHome,
    /// The file system refuses.
    #[error("cannot use the compiled-code cache: {0}")]
    Unusable(#[from] io::Error),
    /// The file system refuses the components.
    #[error("cannot use the components from registries: {0}")]
    UnusableStore(io::Error),
}

impl From<CacheError> for CliError {
    fn from(error: CacheError) -> Self {
        let hint = match error {
            CacheError::NoHome => Some(remedy::SET_CACHE_HOME.to_owned()),
            CacheError::Unusable(_) | CacheError::UnusableStore(_) => None,
        };
        Self::usage(error).with_hint(hint)
    }
}

/// The cache of the current user.
pub(super) fn cache() -> Result<Cache, CacheError> {
    Cache::for_current_user().ok_or(CacheError::NoHome)
}

/// The components that the current user has from registries.
pub(in crate::commands) fn store() -> Result<ComponentStore, CacheError> {
    ComponentStore::for_current_user().ok_or(CacheError::NoHome)
}
