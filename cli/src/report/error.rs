//! Why a report could not be made.

use std::error::Error;

/// Why a report could not be made: its format can't express what it holds.
#[derive(Debug, thiserror::Error)]
#[error("could not make the report: {0}")]
pub(crate) struct ReportError(Box<dyn Error>);

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.into())
    }
}

impl From<quick_junit::SerializeError> for ReportError {
    fn from(error: quick_junit::SerializeError) -> Self {
        Self(error.into())
    }
}
