//! Credentials: named secrets with their source and, if known, their expiry.

use std::time::{Duration, SystemTime};

use orchestration_support::Secret;

use crate::source::Source;

/// The name of the secret that requests carry, in almost every credential.
pub(crate) const KEY: &str = "api_key";

/// A credential: named secrets, their source, and when they expire.
///
/// ```
/// use orchestration_sandbox::{Credentials, Source};
/// use orchestration_support::Secret;
///
/// let values = vec![("api_key".to_owned(), Secret::from("sk-corp-1234567890abc"))];
/// let credentials = Credentials::new(values, Source::Environment("CORP_KEY".into()), None);
/// assert_eq!(credentials.key().map(Secret::mask).as_deref(), Some("sk-...0abc"));
/// assert_eq!(credentials.expires_at(), None);
/// ```
#[derive(Debug, Clone)]
pub struct Credentials {
    values: Vec<(String, Secret)>,
    source: Source,
    expires_at: Option<SystemTime>,
    life: Option<Duration>,
}

impl Credentials {
    /// Creates a credential. `expires_at` is in seconds since the Unix epoch, as in the
    /// contract; a time that the platform cannot represent means never.
    pub fn new(values: Vec<(String, Secret)>, source: Source, expires_at: Option<u64>) -> Self {
        let expires_at = expires_at
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        Self { values, source, expires_at, life: None }
    }

    /// Returns the secret with this name, e.g. `api_key`.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.values.iter().find(|(key, _)| key == name).map(|(_, secret)| secret)
    }

    /// Returns the secret that requests carry: the one named `api_key`, or else the
    /// first; `None` if no credential is needed.
    pub fn key(&self) -> Option<&Secret> {
        key(&self.values)
    }

    /// Returns the credential with another text as its [`key`](Self::key).
    #[must_use]
    pub fn with_key(mut self, key: Secret) -> Self {
        let named = self.values.iter().position(|(name, _)| name == KEY);
        if let Some((_, secret)) = self.values.get_mut(named.unwrap_or_default()) {
            *secret = key;
        }
        self
    }

    /// Returns every secret with its name, in the strategy's order.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.values.iter().map(|(name, secret)| (name.as_str(), secret))
    }

    /// Returns the source of the credential.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns when the credential expires, if that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Returns how long the credential lasts from the moment in which it was got, if that is
    /// known.
    pub fn life(&self) -> Option<Duration> {
        self.life
    }

    /// Returns the credential, which was got at `since`, in seconds since the Unix epoch.
    pub(crate) fn got_at(self, since: Option<u64>) -> Self {
        let since = since
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        let ends = self.expires_at.zip(since);
        let life = ends.and_then(|(end, since)| end.duration_since(since).ok());
        Self { life, ..self }
    }

    /// Returns true if the credential has expired at `now`.
    pub fn has_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// Returns the secret among `values` that requests carry.
pub(crate) fn key<N: AsRef<str>, T>(values: &[(N, T)]) -> Option<&T> {
    let named = values.iter().find(|(name, _)| name.as_ref() == KEY);
    named.or(values.first()).map(|(_, secret)| secret)
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Secret, Source};

    #[test]
    fn debug_output_contains_no_secret() {
        let values = vec![("api_key".to_owned(), Secret::from("sk-secret"))];
        let credentials = Credentials::new(values, Source::Explicit, Some(u64::MAX));
        let printed = format!("{credentials:?}");
        assert!(printed.contains("api_key") && !printed.contains("sk-secret"), "{printed}");
    }
}
