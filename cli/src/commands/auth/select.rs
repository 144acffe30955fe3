//! The profiles that a command is for.

use std::collections::BTreeSet;
use std::sync::Arc;

use orchestration_runtime::{ProviderProfile, ProvidersToml};

use crate::error::CliError;

/// The profiles of these names, each once, or all profiles if no name is given.
pub(super) fn select(
    providers: &ProvidersToml,
    names: &[String],
) -> Result<Vec<Arc<ProviderProfile>>, CliError> {
    if names.is_empty() {
        return Ok(providers.profiles().cloned().collect());
    }
    let names: BTreeSet<&String> = names.iter().collect();
    names.into_iter().map(|name| Ok(providers.profile(name)?.clone())).collect()
}
