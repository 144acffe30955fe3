//! Whether a component keeps what a strategy promises.
//!
//! The sandbox protects the host from a strategy; it does not make the strategy
//! right. One that takes an empty variable for a key, or puts the key into its
//! message, is found out by whoever runs it, mostly much later. So everything
//! that the contract says of a strategy, and that can be seen from outside, is
//! tried here with variables that are made up: [`promise`] lists it, [`suite`]
//! tries it, [`trial`] is one attempt. What only the author knows comes as
//! [`cases`].

mod cases;
mod promise;
mod report;
mod suite;
mod trial;

pub use cases::CasesError;
pub use promise::Promise;
pub use report::{Judgement, Report, Tried, Usage};

use std::path::Path;

use orchestration_sandbox::{ComponentFile, Failure, Limits, LoadError};
use orchestration_support::redact;

use crate::error::ProviderError;
use crate::registry::Registry;
use cases::Case;
use suite::Suite;
use trial::Harness;

/// Why a component could not be tried at all.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Its file can't be read.
    #[error(transparent)]
    Component(#[from] ProviderError),
    /// Its cases can't be read.
    #[error(transparent)]
    Cases(#[from] CasesError),
}

impl Registry {
    /// Tries the component at `path`, under the default limits, with the cases
    /// that lie beside it.
    ///
    /// # Errors
    ///
    /// Fails where the component or its cases can't be read. A component that
    /// can't be used is a broken promise.
    pub async fn check(&self, path: &Path) -> Result<Report, CheckError> {
        let cases = Case::beside(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = redact::sanitize(&name, []);
        let limits = Limits::default();
        let file = match ComponentFile::at(path) {
            Ok(file) => file,
            Err(error @ LoadError::Limit(_)) => return Ok(Report::unusable(&error.into())),
            Err(error) => {
                let failure = Box::new(Failure::from(error));
                return Err(ProviderError::Unusable { auth_type: name, failure }.into());
            }
        };
        let loaded = {
            let _shown = self.show_loading(&name);
            self.default_sandbox().load_file(&file, &limits, self.cache()).await
        };
        match loaded {
            Ok(strategy) => {
                let harness = Harness::new(&strategy, &name);
                Ok(Suite::new(harness, cases).run().await)
            }
            Err(error) => Ok(Report::unusable(&error.into())),
        }
    }
}
