//! Credentials: named secrets with their source and, if known, their expiry.

use std::time::{Duration, SystemTime};

use orchestration_support::Secret;
use serde::Deserialize;

/// Where a credential came from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The caller passed the key explicitly.
    Explicit,
    /// The variable of this name.
    Environment(String),
    /// The endpoint needs no credential.
    NotNeeded,
    /// What the strategy says.
    Other(String),
}

/// A credential: named secrets, their source, and when they expire.
#[derive(Debug, Clone)]
pub struct Credentials {
    values: Vec<(String, Secret)>,
    source: Source,
    expires_at: Option<SystemTime>,
}

impl Credentials {
    /// Makes a credential. `expires_at` is in seconds since the Unix epoch, as in
    /// the contract; a time beyond what the platform can express means never.
    pub fn new(values: Vec<(String, Secret)>, source: Source, expires_at: Option<u64>) -> Self {
        let expires_at = expires_at
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        Self { values, source, expires_at }
    }

    /// Returns the secret of this name, e.g. `api_key`.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.values.iter().find(|(key, _)| key == name).map(|(_, secret)| secret)
    }

    /// Returns the secret that requests carry: the one named `api_key`, or else the
    /// first; `None` if no credential is needed.
    pub fn key(&self) -> Option<&Secret> {
        self.get("api_key").or_else(|| self.values.first().map(|(_, secret)| secret))
    }

    /// Returns every secret with its name, in the strategy's order.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.values.iter().map(|(name, secret)| (name.as_str(), secret))
    }

    /// Returns where they came from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns when they expire, if that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Returns true if they have expired at `now`.
    pub fn has_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Secret, Source};

    #[test]
    fn debug_output_shows_no_secret() {
        let values = vec![("api_key".to_owned(), Secret::from("sk-secret"))];
        let credentials = Credentials::new(values, Source::Explicit, Some(u64::MAX));
        let shown = format!("{credentials:?} {:#?}", Secret::from("sk-secret"));
        assert!(shown.contains("api_key") && !shown.contains("sk-secret"), "{shown}");
    }
}
