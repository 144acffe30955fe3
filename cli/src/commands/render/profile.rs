//! The credential of one profile, and the file that it is kept in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use orchestration_runtime::{Credentials, ErrorKind, Secret, Source, rfc3339};
use tokio::time::{Instant, sleep};

use super::secret_file::SecretFile;
use crate::commands::auth::answer::ask;
use crate::diagnostics;
use crate::error::{CliError, Kind};
use crate::host::Host;
use crate::ui::stderr;
use crate::watched_files::{FileState, TICK};

/// The time between two looks at a credential that costs nothing to find.
const SHORT: Duration = Duration::from_secs(1);

/// The time between two looks at one that a server hands out, of which it does not say how
/// long it lasts.
const LONG: Duration = Duration::from_secs(300);

/// The longest time between two attempts to get a credential.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// How many looks in a row must find nothing before a key counts as gone. An editor may empty
/// a file for a moment before it writes the new key.
const LOOKS_UNTIL_GONE: u32 = 2;

/// A profile, and the file with its credential.
pub(super) struct RenderedProfile {
    name: String,
    file: SecretFile,
    /// When what is in the file expires.
    end: Option<SystemTime>,
    /// How many looks in a row have failed.
    failures: u32,
    /// The words of the last failure, which are not repeated.
    reported: Option<String>,
}

impl RenderedProfile {
    pub(super) fn new(name: &str, file: SecretFile) -> Self {
        Self { name: name.to_owned(), file, end: None, failures: 0, reported: None }
    }

    /// Makes sure that there is a file, because Envoy does not start without it. One with a
    /// key stays until a newer key is found.
    pub(super) fn make_present(&mut self) -> Result<(), CliError> {
        if !self.file.exists() {
            self.file.put(&Secret::from(""))?;
        }
        Ok(())
    }

    /// Keeps the file up to date for as long as it is polled.
    pub(super) async fn keep(&mut self, host: &Host) {
        loop {
            let source = self.source(host);
            let state = source.as_deref().map(FileState::of);
            let pause = match self.look(host).await {
                Ok(pause) => {
                    self.failures = 0;
                    self.reported = None;
                    pause
                }
                Err(error) => self.failed(&error),
            };
            let next = Instant::now() + pause;
            while Instant::now() < next && source.as_deref().map(FileState::of) == state {
                sleep(TICK).await;
            }
        }
    }

    /// Gets the credential and puts it into the file. Returns how long that can rest.
    pub(super) async fn look(&mut self, host: &Host) -> Result<Duration, CliError> {
        let profile = Arc::clone(host.providers.profile(&self.name)?);
        let answer = ask(profile, host.registry.clone(), Duration::ZERO).await;
        let credentials = answer.credentials?;
        let key = credentials.key().ok_or_else(|| {
            let message =
                format!("profile '{}' needs no key, so there is none to write", self.name);
            CliError::new(Kind::Configuration, message)
        })?;
        let (_, value) = answer.profile.key_header(key);
        self.end = credentials.expires_at();
        if self.file.put(&value)? {
            let end = self.end.and_then(rfc3339);
            let end = end.map(|end| format!(", valid until {end}")).unwrap_or_default();
            stderr::note(&format!(
                "wrote the key of '{}' to {}{end}",
                self.name,
                self.file.displayed()
            ));
        }
        Ok(rest(&credentials))
    }

    /// Reports a failure, and takes the key out of the file if it is of no use any more.
    /// Returns how long to wait before the next look.
    fn failed(&mut self, error: &CliError) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let words = error.to_string();
        if self.reported.as_ref() != Some(&words) {
            diagnostics::show(error);
            self.reported = Some(words);
        }
        let is_gone = is_gone(error.kind()) && self.failures >= LOOKS_UNTIL_GONE;
        let has_expired = self.end.is_some_and(|end| end <= SystemTime::now());
        if is_gone || has_expired {
            match self.file.put(&Secret::from("")) {
                Ok(true) => stderr::note(&format!(
                    "took the key of '{}' out of {}",
                    self.name,
                    self.file.displayed()
                )),
                Ok(false) => {}
                Err(error) => diagnostics::show(&error),
            }
        }
        let doubled = SHORT.saturating_mul(1 << self.failures.saturating_sub(1).min(8));
        doubled.min(MAX_PAUSE)
    }

    /// Returns the file that the profile takes its key from, if it names one.
    fn source(&self, host: &Host) -> Option<PathBuf> {
        let profile = host.providers.profile(&self.name).ok()?;
        profile.api_key_file.as_ref().map(|file| PathBuf::from(file.path()))
    }
}

/// Returns true if the user has taken the credential away, or has put something there that is
/// none. What has failed outside may pass.
fn is_gone(kind: Kind) -> bool {
    match kind {
        Kind::UnknownProfile | Kind::Configuration => true,
        Kind::Answer(kind) => {
            matches!(kind, ErrorKind::Missing | ErrorKind::Invalid | ErrorKind::Denied)
        }
        _ => false,
    }
}

/// Returns how long a credential need not be looked at. Its lease is renewed by looks, and
/// those take no request until it is time.
fn rest(credentials: &Credentials) -> Duration {
    let asks_server = match credentials.source() {
        Source::Other(claim) => claim.used().any(|used| used.contains("://")),
        _ => false,
    };
    if asks_server && credentials.expires_at().is_none() { LONG } else { SHORT }
}
