//! Why a tool made nothing.

use super::Broken;
use crate::bindings::orchestration::auth::secrets::ToolError;

/// The failure of a tool.
#[derive(Debug)]
pub(super) enum Failed {
    /// The strategy is told.
    Tool(ToolError),
    /// The call is stopped.
    Stop(wasmtime::Error),
}

impl From<ToolError> for Failed {
    fn from(error: ToolError) -> Self {
        Self::Tool(error)
    }
}

impl From<Broken> for Failed {
    fn from(broken: Broken) -> Self {
        Self::Stop(broken.into())
    }
}

/// Returns the name of the error in the contract, for audit events.
pub(super) fn name(error: ToolError) -> &'static str {
    match error {
        ToolError::NoSecret => "no-secret",
        ToolError::Made => "made",
        ToolError::Malformed => "malformed",
        ToolError::Absent => "absent",
        ToolError::BadKey => "bad-key",
        ToolError::Leak => "leak",
    }
}
