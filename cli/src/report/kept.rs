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

/// What has the secrets of what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keeper {
    /// The file.
    File,
    /// The keyring of the desktop.
    Keyring,
}

impl Keeper {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
        }
    }
}

impl From<orchestration_runtime::Kept> for Kept {
    fn from(kept: orchestration_runtime::Kept) -> Self {
        match kept {
            orchestration_runtime::Kept::Session => Self::Session,
            orchestration_runtime::Kept::Key => Self::StoredKey,
        }
    }
}
