//! How a profile says that its provider is asked: `verify` in `[profiles.NAME]`.

use crate::catalogue::{self, Means, Rule};

/// `verify` of a profile. It goes before what is known of its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyConfig {
    /// What is asked for, below the base URL; begins with `/`.
    pub path: String,
    /// The header that carries the key alone; none for `Authorization: Bearer`.
    pub header: Option<String>,
    /// The statuses that say that a key is good.
    pub valid: Vec<u16>,
    /// The statuses that say that it is not.
    pub invalid: Vec<u16>,
}

impl VerifyConfig {
    /// The statuses that mean what they do at most APIs.
    pub(crate) const VALID: [u16; 1] = [200];
    pub(crate) const INVALID: [u16; 1] = [401];

    /// Whether a status may be taken to say something about a key. A redirect is
    /// not followed, and a server that is busy or broken would say the same to
    /// anybody.
    pub fn is_telling(status: u16) -> bool {
        matches!(status, 200..=299 | 400..=499) && !matches!(status, 408 | 429)
    }

    pub(super) fn rules(&self) -> Vec<Rule> {
        let valid = self.valid.iter().map(|status| catalogue::status(*status, Means::Valid));
        let invalid = self.invalid.iter().map(|status| catalogue::status(*status, Means::Invalid));
        valid.chain(invalid).collect()
    }
}
