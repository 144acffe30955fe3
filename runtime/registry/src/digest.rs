//! Digests, which name everything that a registry has.

use std::fmt;
use std::str::FromStr;

use orchestration_support::digest::sha256;

/// A SHA-256, written `sha256:` and 64 digits.
///
/// ```
/// use orchestration_registry::Digest;
///
/// let digest = Digest::of(b"");
/// assert!(digest.to_string().starts_with("sha256:e3b0c44298fc1c14"));
/// assert_eq!(digest.to_string().parse(), Ok(digest));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

/// The text is not `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 'sha256:' and 64 digits of 0-9 and a-f")]
pub struct InvalidDigest;

impl Digest {
    /// Returns the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }

    /// Returns its digits, as providers.toml has them in `sha256`.
    pub fn hex(&self) -> &str {
        &self.0
    }

    /// Returns the digest with these digits.
    ///
    /// # Errors
    ///
    /// Fails if they are not 64 lower-case hexadecimal digits.
    pub fn from_hex(digits: &str) -> Result<Self, InvalidDigest> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == 64 && digits.bytes().all(is_digit))
            .then(|| Self(digits.to_owned()))
            .ok_or(InvalidDigest)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    /// # Errors
    ///
    /// Fails with [`InvalidDigest`]; other algorithms have no use here.
    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        Self::from_hex(text.strip_prefix("sha256:").ok_or(InvalidDigest)?)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}
