//! The exports of a guest, and the credential that it returns.

use super::SECRET;

/// The exports of a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// `describe`
    Describe,
    /// `get-credentials`
    GetCredentials,
    /// `refresh-if-needed`
    RefreshIfNeeded,
    /// `is-valid`
    IsValid,
}

impl Export {
    /// Every export.
    pub const ALL: [Self; 4] =
        [Self::Describe, Self::GetCredentials, Self::RefreshIfNeeded, Self::IsValid];

    /// Returns its name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Describe => "describe",
            Self::GetCredentials => "get-credentials",
            Self::RefreshIfNeeded => "refresh-if-needed",
            Self::IsValid => "is-valid",
        }
    }
}

/// The source of a credential, as a guest returns it.
#[derive(Debug, Clone)]
pub enum Origin<'a> {
    /// The key that the caller passed explicitly.
    Explicit,
    /// The variable with this name.
    Environment(&'a [u8]),
    /// The file with this path.
    File(&'a [u8]),
    /// The session that the host keeps.
    Session,
    /// No credential is needed.
    NotNeeded,
    /// Something else, in words.
    Other(&'a [u8]),
    /// A case that the contract does not have.
    NoSuchCase,
}

/// The credential that a guest returns. Texts are bytes, because some are not UTF-8.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// Names and texts of secrets, which the guest makes itself.
    pub values: Vec<(&'a [u8], &'a [u8])>,
    /// Their source.
    pub source: Origin<'a>,
    /// When they expire, in seconds since the Unix epoch.
    pub expires_at: Option<u64>,
}

impl Default for Answer<'_> {
    fn default() -> Self {
        let values = vec![(&b"api_key"[..], SECRET.as_bytes())];
        Self { values, source: Origin::Other(b"a guest"), expires_at: None }
    }
}
