//! Counts requests, and shows what was counted to Prometheus.
//!
//! Every value of a label is one of a set that the configuration or this program decides: the
//! names of profiles that are served, the classes of a status, the kinds of refusals. What a
//! client chooses, such as a path, would let it fill the memory of the broker and of what
//! collects from it.
//!
//! A request is counted in counters that were found when its profile began to be served, so it
//! costs no search and no allocation.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::StatusCode;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::credential_status::CredentialState;
use crate::refusal_code::RefusalCode;
use crate::standing::{CLASSES, ProfileStanding, Standing};

/// The type of what [`Metrics::exposition`] returns.
pub(crate) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// Begins the name of every metric.
const PREFIX: &str = "orchestration";

/// The limits of the buckets, in seconds: from an answer of a cache to a long stream.
const BUCKETS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

type Labels<const N: usize> = [(&'static str, String); N];
type Durations = Family<Labels<1>, Histogram, fn() -> Histogram>;

/// What is counted for one profile.
#[derive(Debug)]
pub(crate) struct ProfileCounts {
    /// By class of the status.
    requests: [Counter; CLASSES.len()],
    duration: Histogram,
}

impl ProfileCounts {
    /// Counts a request that is over.
    pub(crate) fn count(&self, status: StatusCode, duration: Duration) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(requests) = self.requests.get(class) {
            requests.inc();
        }
        self.duration.observe(duration.as_secs_f64());
    }

    /// Returns the numbers of requests so far, by class of the status.
    pub(crate) fn requests(&self) -> [u64; CLASSES.len()] {
        self.requests.each_ref().map(Counter::get)
    }
}

/// What is counted while a broker runs.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels<2>, Counter>,
    durations: Durations,
    refused: Family<[(&'static str, &'static str); 1], Counter>,
    open: Gauge,
    opened: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let (requests, refused) = (Family::default(), Family::default());
        let durations = Durations::new_with_constructor(|| Histogram::new(BUCKETS));
        let (open, opened) = (Gauge::default(), Counter::default());
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register(
            "requests",
            "Requests for a profile that are over, by class of the status",
            Family::clone(&requests),
        );
        registry.register(
            "request_duration_seconds",
            "Time from the head of a request to the last byte of its answer",
            durations.clone(),
        );
        registry.register(
            "refused_requests",
            "Requests that the broker answered itself, by the code of the error",
            Family::clone(&refused),
        );
        registry.register("connections", "Connections of clients that are open", open.clone());
        registry.register(
            "connections_accepted",
            "Connections of clients that were let in",
            opened.clone(),
        );
        let metrics = Self { registry, requests, durations, refused, open, opened };
        for code in RefusalCode::ALL {
            // Seen as zero before the first of its kind, so that a rate can be computed.
            drop(metrics.refusals(code));
        }
        metrics
    }

    /// Returns the counters of this profile.
    pub(crate) fn of_profile(&self, name: &str) -> Arc<ProfileCounts> {
        let requests =
            CLASSES.map(|class| self.requests.get_or_create_owned(&classed(name, class)));
        let duration = self.durations.get_or_create_owned(&named(name));
        Arc::new(ProfileCounts { requests, duration })
    }

    /// Drops the counters of a profile that is not served any more.
    pub(crate) fn forget(&self, name: &str) {
        for class in CLASSES {
            self.requests.remove(&classed(name, class));
        }
        self.durations.remove(&named(name));
    }

    /// Counts a request that the broker answered itself.
    pub(crate) fn refused(&self, code: RefusalCode) {
        self.refusals(code).inc();
    }

    /// Returns how often the broker answered itself, by the code of the error.
    pub(crate) fn all_refused(&self) -> Vec<(&'static str, u64)> {
        RefusalCode::ALL.map(|code| (code.name(), self.refusals(code).get())).to_vec()
    }

    fn refusals(&self, code: RefusalCode) -> Counter {
        self.refused.get_or_create_owned(&[("code", code.name())])
    }

    /// Counts a connection, which is open until what this returns is dropped.
    pub(crate) fn connection(&self) -> OpenConnection {
        self.opened.inc();
        self.open.inc();
        OpenConnection(self.open.clone())
    }

    /// Returns how many connections are open.
    pub(crate) fn connections(&self) -> u64 {
        self.open.get().unsigned_abs()
    }

    /// Returns all of it in the text format of Prometheus, with what is known of credentials.
    pub(crate) fn exposition(&self, standing: &Standing) -> String {
        let mut text = String::new();
        // Only a writer that fails could fail it.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        let _ = prometheus_text::encode(&mut text, &of_credentials(&standing.profiles));
        text
    }
}

/// A connection that is open.
pub(crate) struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Returns the metrics of the credentials as they are now.
fn of_credentials(profiles: &[ProfileStanding]) -> Registry {
    let states = Family::<Labels<2>, Gauge>::default();
    let [renewals, errors]: [Family<Labels<1>, Counter>; 2] = Default::default();
    let [ends, renewed]: [Family<Labels<1>, Gauge<f64, AtomicU64>>; 2] = Default::default();
    for profile in profiles {
        let (name, credential) = (named(&profile.name), &profile.credential);
        for state in CredentialState::ALL {
            let labels =
                [("profile", profile.name.to_string()), ("state", state.name().to_owned())];
            let is_in = credential.state == state;
            states.get_or_create_owned(&labels).set(i64::from(is_in));
        }
        renewals.get_or_create_owned(&name).inc_by(credential.renewals);
        errors.get_or_create_owned(&name).inc_by(credential.errors);
        for (family, time) in [(&ends, credential.expires_at), (&renewed, credential.renewed_at)] {
            if let Some(seconds) = time.and_then(seconds) {
                family.get_or_create_owned(&name).set(seconds);
            }
        }
    }
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register(
        "credential_state",
        "1 for the state that the credential of the profile is in, 0 for the others",
        states,
    );
    registry.register(
        "credential_renewals",
        "Times that a credential with an end was got or renewed",
        renewals,
    );
    registry.register(
        "credential_errors",
        "Times that the credential could not be had or renewed",
        errors,
    );
    registry.register(
        "credential_expiry_timestamp_seconds",
        "The end of the credential, if it has one",
        ends,
    );
    registry.register(
        "credential_renewal_timestamp_seconds",
        "When a credential with an end was last got or renewed",
        renewed,
    );
    registry
}

fn named(profile: &str) -> Labels<1> {
    [("profile", profile.to_owned())]
}

fn classed(profile: &str, class: &str) -> Labels<2> {
    [("profile", profile.to_owned()), ("status", class.to_owned())]
}

fn seconds(time: SystemTime) -> Option<f64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}
