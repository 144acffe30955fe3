//! What is known of a request when it is over.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper::{Method, StatusCode, Uri};

/// One request, from its head to the last byte of its answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestRecord {
    /// When its head had arrived.
    pub time: SystemTime,
    /// The name of the pass that the client showed, if it was a valid one.
    pub pass: Option<String>,
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

/// What gets the record of each request, at its end.
pub(crate) type Observer = Arc<dyn Fn(&RequestRecord) + Send + Sync>;

/// A record that is being written. When dropped it goes to the observer: the one place
/// through which every request goes.
pub(crate) struct Recording {
    record: RequestRecord,
    started: Instant,
    observer: Observer,
}

impl Recording {
    pub(crate) fn new(method: &Method, path: &Uri, observer: Observer) -> Self {
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
        Self { record, started: Instant::now(), observer }
    }

    pub(crate) fn of_pass(&mut self, id: &str) {
        self.record.pass = Some(id.to_owned());
    }

    pub(crate) fn of_profile(&mut self, name: &Arc<str>) {
        self.record.profile = Some(Arc::clone(name));
    }

    pub(crate) fn renewed(&mut self) {
        self.record.renewed = true;
    }

    pub(crate) fn status(&mut self, status: StatusCode) {
        self.record.status = status;
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.record.bytes += bytes as u64;
    }

    /// Returns true if the answer has a head only.
    pub(crate) fn is_of_head(&self) -> bool {
        self.record.method == Method::HEAD
    }

    pub(crate) fn complete(&mut self) {
        self.record.is_complete = true;
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.record.duration = self.started.elapsed();
        (self.observer)(&self.record);
    }
}
