//! Checks one component file.

use std::path::Path;

use orchestration_sandbox::{ComponentFile, Limits, LoadError};
use orchestration_support::on_thread::on_thread;
use orchestration_support::redact;

use super::cases::{Case, CasesError};
use super::report::Report;
use super::suite::Suite;
use super::trial::Harness;
use crate::error::ProviderError;
use crate::strategies::Registry;

/// Why a component could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The component file can't be read.
    #[error(transparent)]
    Component(#[from] ProviderError),
    /// The file with its cases can't be read or is malformed.
    #[error(transparent)]
    Cases(#[from] CasesError),
}

impl Registry {
    /// Runs the conformance suite on the component at `path`, under the default limits,
    /// and the cases in the file beside it.
    ///
    /// # Errors
    ///
    /// Fails with [`CheckError::Component`] or [`CheckError::Cases`] if a file can't be
    /// read. A component that can't be used is no error: its report fails
    /// [`Promise::Loads`](super::Promise::Loads).
    pub async fn check(&self, path: &Path) -> Result<Report, CheckError> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = redact::sanitize(&name, []);
        let unusable = |error: LoadError| ProviderError::Unusable {
            auth_type: name.clone(),
            failure: Box::new(error.into()),
        };
        let path = path.to_owned();
        let read = move || (Case::beside(&path), ComponentFile::at(&path));
        let read = on_thread("component", read).await;
        let (cases, component) = read.map_err(|error| unusable(LoadError::of_thread(&error)))?;
        let (cases, file, interface) = match (cases?, component) {
            (cases, Ok((file, interface))) => (cases, file, interface),
            (_, Err(error @ LoadError::Limit(_))) => return Ok(Report::unusable(&error.into())),
            (_, Err(error)) => return Err(unusable(error).into()),
        };
        let loaded = {
            let _loading = self.mark_loading(&name);
            let how = self.loading_with(&Limits::default());
            self.default_sandbox().load_file(&file, how).await
        };
        match loaded {
            Ok(strategy) => {
                // It was loaded, so its interface could be read.
                let harness = Harness::new(&strategy, &name, interface.as_ref().ok());
                Ok(Suite::new(harness, cases).run().await)
            }
            Err(error) => Ok(Report::unusable(&error.into())),
        }
    }
}
