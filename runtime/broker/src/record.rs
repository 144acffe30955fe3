//! What is known of a request when it is over.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hyper::{Method, StatusCode, Uri};
use tokio::time::Instant;

use crate::activity::Activity;
use crate::metrics::{Metrics, ProfileCounts};
use crate::refusal::Refusal;
use crate::refusal_code::RefusalCode;
use crate::unread::Unread;

/// One request, from its head to the last byte of its answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestRecord {
    /// When its head had arrived.
    pub time: SystemTime,
    /// The name of the pass that the client showed, if it was a valid one.
    pub pass: Option<Arc<str>>,
    /// The profile, if the pass was good for it.
    pub profile: Option<Arc<str>>,
    /// The method. Clients choose it.
    pub method: Method,
    /// The path, as the client wrote it.
    path: Uri,
    /// The status of the answer.
    pub status: StatusCode,
    /// The bytes of the answer's body that the client was sent.
    pub bytes: u64,
    /// How long it took.
    pub duration: Duration,
    /// Whether the provider refused the credential and it was renewed.
    pub renewed: bool,
    /// Whether the answer was sent to its end.
    pub is_complete: bool,
}

impl RequestRecord {
    /// Returns the path, without the query, as the client wrote it.
    pub fn path(&self) -> &str {
        self.path.path()
    }
}

/// What gets the record of each request. The thread that serves the client waits for it.
pub trait RequestLog: Send + Sync {
    /// Takes the record of a request, at its end.
    fn ended(&self, record: &RequestRecord);
}

/// For a broker whose requests are of interest to no one.
pub(crate) struct Unlogged;

impl RequestLog for Unlogged {
    fn ended(&self, _: &RequestRecord) {}
}

/// What learns of each request, at its end.
pub(crate) struct Watchers {
    pub(crate) log: Arc<dyn RequestLog>,
    pub(crate) metrics: Metrics,
}

/// A record that is being written. When dropped it goes to the watchers: the one place
/// through which every request goes.
pub(crate) struct Recording {
    record: RequestRecord,
    started: Instant,
    counts: Option<Arc<ProfileCounts>>,
    refused: Option<RefusalCode>,
    watchers: Arc<Watchers>,
    activity: Rc<Activity>,
}

impl Recording {
    /// Begins the record of a request whose head has arrived.
    pub(crate) fn new(
        method: &Method,
        path: &Uri,
        watchers: Arc<Watchers>,
        activity: Rc<Activity>,
    ) -> Self {
        let record = RequestRecord {
            time: SystemTime::now(),
            pass: None,
            profile: None,
            method: method.clone(),
            path: path.clone(),
            status: StatusCode::OK,
            bytes: 0,
            duration: Duration::ZERO,
            renewed: false,
            is_complete: false,
        };
        let started = Instant::now();
        Self { record, started, counts: None, refused: None, watchers, activity }
    }

    /// Returns when the head had arrived.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn of_pass(&mut self, id: &Arc<str>) {
        self.record.pass = Some(Arc::clone(id));
    }

    pub(crate) fn of_profile(&mut self, name: &Arc<str>, counts: &Arc<ProfileCounts>) {
        self.record.profile = Some(Arc::clone(name));
        self.counts = Some(Arc::clone(counts));
    }

    pub(crate) fn renewed(&mut self) {
        self.record.renewed = true;
    }

    pub(crate) fn status(&mut self, status: StatusCode) {
        self.record.status = status;
    }

    /// The broker answers itself.
    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        self.refused = Some(refusal.code());
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.record.bytes += bytes as u64;
    }

    /// Returns true if the answer has a head only.
    pub(crate) fn is_of_head(&self) -> bool {
        self.record.method == Method::HEAD
    }

    /// Returns what sees whether the client reads the answer, where that is not seen for its whole
    /// connection.
    pub(crate) fn unread(&self) -> Option<Unread> {
        Unread::of_this_task(self.activity.unread_answers())
    }

    pub(crate) fn complete(&mut self) {
        self.record.is_complete = true;
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let now = Instant::now();
        self.activity.answered(now);
        self.record.duration = now - self.started;
        if let Some(counts) = &self.counts {
            counts.count(self.record.status, self.record.duration);
        }
        if let Some(code) = self.refused {
            self.watchers.metrics.refused(code);
        }
        self.watchers.log.ended(&self.record);
    }
}
