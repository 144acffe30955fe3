//! How the profiles of a broker are doing at one moment: what its metrics and its status page
//! show, so that both say the same.

use std::sync::Arc;
use std::time::Duration;

use crate::credential_status::CredentialStatus;

/// The classes of a status.
pub(crate) const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// A broker at one moment.
pub(crate) struct Standing {
    /// Sorted by name.
    pub(crate) profiles: Vec<ProfileStanding>,
    /// How often it answered itself, by the code of the error.
    pub(crate) refused: Vec<(&'static str, u64)>,
    /// The connections of clients that are open.
    pub(crate) connections: u64,
    pub(crate) uptime: Duration,
}

/// A profile at one moment.
pub(crate) struct ProfileStanding {
    pub(crate) name: Arc<str>,
    /// The scheme and the host that its requests go to.
    pub(crate) origin: String,
    /// The numbers of requests that are over, by class of the status.
    pub(crate) requests: [u64; CLASSES.len()],
    pub(crate) credential: CredentialStatus,
}
