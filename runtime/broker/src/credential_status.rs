//! What is known of a profile's credential, for the operator of the broker.
//!
//! A credential that ends is a lease, which knows how its renewals went. Any other is looked up
//! for the requests, and what is known of it is what they have seen.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use orchestration_auth::{LeaseStatus, ProviderError};

/// The credential of a profile at one moment.
#[derive(Debug)]
pub(crate) struct CredentialStatus {
    pub(crate) state: CredentialState,
    pub(crate) expires_at: Option<SystemTime>,
    pub(crate) renewed_at: Option<SystemTime>,
    pub(crate) renewals: u64,
    pub(crate) errors: u64,
    /// The words of the last error, and when it happened.
    pub(crate) last_error: Option<(SystemTime, String)>,
}

/// The state of a credential, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialState {
    /// No request has needed it yet.
    Unused,
    /// It is there.
    Ready,
    /// It is there, and is to be renewed.
    Due,
    /// It is there, but the last renewal failed.
    Failing,
    /// There is none.
    Missing,
}

impl CredentialState {
    pub(crate) const ALL: [Self; 5] =
        [Self::Unused, Self::Ready, Self::Due, Self::Failing, Self::Missing];

    /// Returns the name, for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Ready => "ready",
            Self::Due => "due",
            Self::Failing => "failing",
            Self::Missing => "missing",
        }
    }
}

/// What the requests have seen of a credential.
#[derive(Default)]
pub(crate) struct Attempts {
    is_used: AtomicBool,
    is_missing: AtomicBool,
    errors: AtomicU64,
    last_error: Mutex<Option<(SystemTime, String)>>,
}

impl Attempts {
    /// Notes that there is a credential.
    pub(crate) fn found(&self) {
        // Read first: all threads read it for each request, and next to none changes it.
        if !self.is_used.load(Ordering::Relaxed) {
            self.is_used.store(true, Ordering::Relaxed);
        }
        if self.is_missing.load(Ordering::Relaxed) {
            self.is_missing.store(false, Ordering::Relaxed);
        }
    }

    /// Notes that there is none.
    pub(crate) fn failed(&self, error: &ProviderError) {
        self.is_used.store(true, Ordering::Relaxed);
        self.is_missing.store(true, Ordering::Relaxed);
        self.errors.fetch_add(1, Ordering::Relaxed);
        *self.last_error() = Some((SystemTime::now(), error.to_string()));
    }

    /// Returns the status of the credential, whose lease this is.
    pub(crate) fn status(&self, lease: Option<LeaseStatus>) -> CredentialStatus {
        let last_error = self.last_error().clone();
        let is_missing = self.is_missing.load(Ordering::Relaxed);
        let state = match &lease {
            _ if is_missing => CredentialState::Missing,
            _ if !self.is_used.load(Ordering::Relaxed) => CredentialState::Unused,
            Some(lease) if lease.is_failing => CredentialState::Failing,
            Some(lease) if lease.is_due => CredentialState::Due,
            Some(_) | None => CredentialState::Ready,
        };
        let Some(lease) = lease else {
            let errors = self.errors.load(Ordering::Relaxed);
            return CredentialStatus {
                state,
                expires_at: None,
                renewed_at: None,
                renewals: 0,
                errors,
                last_error,
            };
        };
        let of_lease = lease.last_failure.map(|(at, error)| (at, error.to_string()));
        CredentialStatus {
            state,
            expires_at: lease.expires_at,
            renewed_at: lease.renewed_at,
            renewals: lease.renewals,
            errors: lease.failures,
            last_error: last_error.max(of_lease),
        }
    }

    fn last_error(&self) -> MutexGuard<'_, Option<(SystemTime, String)>> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
