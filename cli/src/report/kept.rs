//! What is kept for a profile.

use schemars::JsonSchema;
use serde::Serialize;

/// What is kept for a profile.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kept {
    /// A session, which the strategy saves.
    Session,
    /// A key, which the user stores.
    StoredKey,
}

impl From<orchestration_runtime::Kept> for Kept {
    fn from(kept: orchestration_runtime::Kept) -> Self {
        match kept {
            orchestration_runtime::Kept::Session => Self::Session,
            orchestration_runtime::Kept::Key => Self::StoredKey,
        }
    }
}
