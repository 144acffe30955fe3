//! The profiles that a command reads.

use std::path::Path;

use orchestration_runtime::ProvidersToml;

use super::unused::why_unused;
use crate::error::CliError;
use crate::remedy;
use crate::ui::stderr;

/// Reads the profiles from the file `named`, or from the usual ones. Warns if the
/// project's file is not used.
pub(crate) fn discover(named: Option<&Path>) -> Result<ProvidersToml, CliError> {
    let providers = ProvidersToml::discover(named)?;
    if let Some(unused) = providers.unused() {
        stderr::warning(&why_unused(unused), Some(remedy::for_unused(unused)));
    }
    Ok(providers)
}
