//! What is known of a lease without asking anyone: for pages and metrics of programs that run
//! for long.

use std::time::SystemTime;

use crate::error::ProviderError;

/// A lease at one moment. See [`AuthStrategy::lease`](crate::AuthStrategy::lease).
#[derive(Debug)]
#[non_exhaustive]
pub struct LeaseStatus {
    /// The end of the credential that is held; `None` if none is.
    pub expires_at: Option<SystemTime>,
    /// Whether it is time to renew the credential that is held.
    pub is_due: bool,
    /// When a credential was last got or renewed.
    pub renewed_at: Option<SystemTime>,
    /// How often one was got or renewed.
    pub renewals: u64,
    /// How often that failed.
    pub failures: u64,
    /// The last failure, and when it happened.
    pub last_failure: Option<(SystemTime, ProviderError)>,
    /// Whether the last attempt failed.
    pub is_failing: bool,
}
