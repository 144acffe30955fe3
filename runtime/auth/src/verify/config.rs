//! How a profile describes the verification of its key: `verify` in `[profiles.NAME]`.

use crate::catalogue::{self, Meaning, Rule};

/// The `verify` of a profile. It replaces what is known about the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyConfig {
    /// The path of the request, below the base URL; begins with `/`.
    pub path: String,
    /// The header that carries the bare key; `None` for `Authorization: Bearer`.
    pub header: Option<String>,
    /// The statuses that mean that the key is valid.
    pub valid: Vec<u16>,
    /// The statuses that mean that the key is not valid.
    pub invalid: Vec<u16>,
}

impl VerifyConfig {
    /// The statuses for a valid key at most APIs.
    pub(crate) const VALID: [u16; 1] = [200];
    /// The statuses for an invalid key at most APIs.
    pub(crate) const INVALID: [u16; 1] = [401];

    /// Returns true if a status can say something about a key. A redirect is not
    /// followed, and a busy or broken server sends the same to everyone.
    pub fn allows_status(status: u16) -> bool {
        matches!(status, 200..=299 | 400..=499) && !matches!(status, 408 | 429)
    }

    pub(super) fn rules(&self) -> Vec<Rule> {
        let valid = self.valid.iter().map(|status| catalogue::status(*status, Meaning::Accepted));
        let invalid =
            self.invalid.iter().map(|status| catalogue::status(*status, Meaning::Rejected));
        valid.chain(invalid).collect()
    }
}
