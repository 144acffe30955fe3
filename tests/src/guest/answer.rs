//! What a guest exports and answers.

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
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Describe, Self::GetCredentials, Self::RefreshIfNeeded, Self::IsValid];

    /// Its name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Describe => "describe",
            Self::GetCredentials => "get-credentials",
            Self::RefreshIfNeeded => "refresh-if-needed",
            Self::IsValid => "is-valid",
        }
    }
}

/// Where a guest says that a credential comes from.
#[derive(Debug, Clone)]
pub enum Origin<'a> {
    /// The key that the caller gave.
    Explicit,
    /// The variable of this name.
    Environment(&'a [u8]),
    /// Nothing is needed.
    NotNeeded,
    /// In words.
    Other(&'a [u8]),
    /// A case that the contract does not have.
    NoSuchCase,
}

/// What a guest answers as its credential. Texts are bytes: some are no text.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// Names and secrets.
    pub values: Vec<(&'a [u8], &'a [u8])>,
    /// Where they come from.
    pub source: Origin<'a>,
    /// When they end.
    pub expires_at: Option<u64>,
}

impl Default for Answer<'_> {
    fn default() -> Self {
        let values = vec![(&b"api_key"[..], SECRET.as_bytes())];
        Self { values, source: Origin::Other(b"a guest"), expires_at: None }
    }
}
