//! The profiles that a command reads.

use std::path::{Path, PathBuf};

use orchestration_runtime::ProvidersToml;

use super::error::EditError;
use super::unused::why_unused;
use crate::error::CliError;
use crate::remedy;
use crate::ui::stderr;

/// The file that a command changes: the one `named`, or the usual one.
pub(crate) fn path(named: Option<&Path>) -> Result<PathBuf, CliError> {
    Ok(ProvidersToml::path(named)?.ok_or(EditError::NoHome)?)
}

/// Reads the profiles from the file `named`, or from the usual ones. Warns if the
/// project's file is not used.
pub(crate) fn discover(named: Option<&Path>) -> Result<ProvidersToml, CliError> {
    discover_again(named, &mut None)
}

/// The same for a command that looks again and again: `warned` is the last warning,
/// which is not repeated.
pub(crate) fn discover_again(
    named: Option<&Path>,
    warned: &mut Option<String>,
) -> Result<ProvidersToml, CliError> {
    let providers = ProvidersToml::discover(named)?;
    let warning = providers.unused().map(|unused| (unused, why_unused(unused)));
    if let Some((unused, warning)) = &warning
        && warned.as_ref() != Some(warning)
    {
        stderr::warning(warning, Some(remedy::for_unused(unused)));
    }
    *warned = warning.map(|(_, warning)| warning);
    Ok(providers)
}
