//! Secrets, in a type that cannot be printed and is wiped when dropped.
//!
//! Secrets leak where no one looks: a `{:?}` in a log line, a panic message, memory that
//! is freed unwiped. So secrets are kept in [`Secret`] only, and reading one takes a call
//! to [`Secret::expose`], which is easy to search for.

use std::fmt;

use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroize;

use crate::redact;

/// A secret text. It prints as `***` and is wiped when dropped.
///
/// ```
/// use orchestration_support::Secret;
///
/// let key = Secret::from("sk-proj-0123456789abc");
/// assert_eq!(format!("{key:?}"), "***");
/// assert_eq!(key.mask(), "sk-...9abc");
/// assert_eq!(key.expose(), "sk-proj-0123456789abc");
/// ```
#[derive(Clone)]
pub struct Secret(SecretBox<str>);

impl Secret {
    /// Returns the text itself, e.g. to put it into a request.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns true if the text is empty, which means that there is no secret.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Returns enough to recognise the secret and too little to use it: the first
    /// three and the last four characters, which are at most a third of it, or `***` if
    /// it has fewer than 21.
    pub fn mask(&self) -> String {
        let characters = || self.expose().chars();
        match characters().count().checked_sub(4) {
            // Collected from the secret itself: no copy of the whole is left behind.
            Some(rest) if rest >= 17 => {
                let first: String = characters().take(3).collect();
                let last: String = characters().skip(rest).collect();
                format!("{}...{}", redact::clean(&first), redact::clean(&last))
            }
            _ => "***".to_owned(),
        }
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(SecretBox::new(text.into()))
    }
}

/// Copies the text and wipes the original.
impl From<String> for Secret {
    fn from(mut text: String) -> Self {
        let secret = Self::from(text.as_str());
        text.zeroize();
        secret
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_mask_consists_of_the_first_three_and_the_last_four_characters() {
        assert_eq!(Secret::from("sk-proj-abcdefghi7x2f").mask(), "sk-...7x2f");
    }

    #[test]
    fn a_short_secret_is_masked_whole() {
        assert_eq!(Secret::from("sk-12345678901234567").mask(), "***");
        assert_eq!(Secret::from("sk-123456789012345678").mask(), "sk-...5678");
        assert_eq!(Secret::from("").mask(), "***");
    }

    #[test]
    fn a_mask_contains_no_control_characters() {
        assert_eq!(Secret::from("\u{1b}[2Jabcdefghijklmnopq\n").mask(), "[2...opq");
    }

    #[test]
    fn a_mask_counts_characters_and_not_bytes() {
        assert_eq!(Secret::from("äöüäöüäöüäöüäöüäöüäö").mask(), "***");
        assert_eq!(Secret::from("äöüäöüäöüäöüäöüäöüäöü").mask(), "äöü...üäöü");
    }

    #[test]
    fn debug_output_contains_no_secret() {
        assert_eq!(format!("{:#?}", Secret::from("sk-secret")), "***");
    }
}
