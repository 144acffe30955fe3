//! Credentials, in types that can't be printed and are wiped when dropped.
//!
//! A secret leaks through the doors that nobody thinks of: a `{:?}` in a log
//! line, a panic message, memory that is freed as it was. So secrets live in
//! [`Secret`] alone; to read one takes a call to [`Secret::expose`], which can
//! be searched for.

use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretBox};
use serde::Deserialize;
use zeroize::Zeroize;

use crate::text;

/// One secret text. Prints as `***`; wiped when dropped.
#[derive(Clone)]
pub struct Secret(SecretBox<str>);

impl Secret {
    /// The secret itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// True for the empty text, which stands for no secret at all.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Enough to recognise the secret by, and too little to use it: the first
    /// three and the last four characters, `***` for anything under twelve.
    pub fn mask(&self) -> String {
        let characters: Vec<char> = self.expose().chars().collect();
        match (characters.get(..3), characters.len().checked_sub(4)) {
            (Some(first), Some(rest)) if characters.len() >= 12 => {
                let first: String = first.iter().collect();
                let last: String = characters.iter().skip(rest).collect();
                format!("{}...{}", text::clean(&first), text::clean(&last))
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

/// Takes the text over and wipes the buffer that held it.
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

/// Where a credential came from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The key that the caller gave.
    Explicit,
    /// The variable of this name.
    Environment(String),
    /// The endpoint asks for no credential.
    NotNeeded,
    /// What the strategy says.
    Other(String),
}

/// A credential: named secrets, where they came from, and how long they last.
#[derive(Debug, Clone)]
pub struct Credentials {
    values: Vec<(String, Secret)>,
    source: Source,
    expires_at: Option<SystemTime>,
}

impl Credentials {
    /// `expires_at` is in seconds since the Unix epoch, as the contract has it.
    /// A time beyond what the platform can express counts as never.
    pub(crate) fn new(
        values: Vec<(String, Secret)>,
        source: Source,
        expires_at: Option<u64>,
    ) -> Self {
        let expires_at = expires_at
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        Self { values, source, expires_at }
    }

    /// The secret of this name, e.g. `api_key`.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.values.iter().find(|(key, _)| key == name).map(|(_, secret)| secret)
    }

    /// The secret that requests carry: the one named `api_key`, else the first.
    /// None where no credential is needed.
    pub fn key(&self) -> Option<&Secret> {
        self.get("api_key").or_else(|| self.values.first().map(|(_, secret)| secret))
    }

    /// Every secret with its name, in the strategy's order.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.values.iter().map(|(name, secret)| (name.as_str(), secret))
    }

    /// Where they came from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// When they end, where that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// True when they ended before `now`.
    pub(crate) fn has_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Secret, Source};

    #[test]
    fn a_mask_shows_the_first_three_and_the_last_four_characters() {
        assert_eq!(Secret::from("sk-proj-abcdef7x2f").mask(), "sk-...7x2f");
    }

    #[test]
    fn a_short_secret_is_masked_whole() {
        assert_eq!(Secret::from("sk-12345678").mask(), "***");
        assert_eq!(Secret::from("sk-123456789").mask(), "sk-...6789");
        assert_eq!(Secret::from("").mask(), "***");
    }

    #[test]
    fn a_mask_carries_no_control_characters() {
        assert_eq!(Secret::from("\u{1b}[2Jabcdefghij\n").mask(), "[2...hij");
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let values = vec![("api_key".to_owned(), Secret::from("sk-secret"))];
        let credentials = Credentials::new(values, Source::Explicit, Some(u64::MAX));
        let shown = format!("{credentials:?} {:#?}", Secret::from("sk-secret"));
        assert!(shown.contains("api_key") && !shown.contains("sk-secret"), "{shown}");
    }
}
