//! The requests of one call.

use std::time::Duration;

use super::transport::{HttpAnswer, HttpFault};
use crate::limits::{Limit, Limits};

/// How many requests a call has sent, and how long it has waited for their answers.
#[derive(Default)]
pub(crate) struct Requests {
    sent: usize,
    waited: Duration,
    /// The limit that a further request would have exceeded.
    exceeded: Option<Limit>,
    /// Why the last request got no answer, if it did not, and the origin that it was for.
    failed: Option<(String, HttpFault)>,
    /// How long the server of the last answer wants to be left alone, if it says so.
    retry_after: Option<Duration>,
}

impl Requests {
    /// Returns the time that the next request may take, and counts it.
    ///
    /// # Errors
    ///
    /// Fails with the limit that it would exceed.
    pub(super) fn next(&mut self, limits: &Limits) -> Result<Duration, Limit> {
        let left = limits.http.saturating_sub(self.waited);
        let limit = if self.sent >= limits.http_requests {
            Limit::HttpRequests(limits.http_requests)
        } else if left.is_zero() {
            Limit::HttpTime(limits.http)
        } else {
            self.sent += 1;
            (self.failed, self.retry_after) = (None, None);
            return Ok(left);
        };
        self.exceeded = Some(limit.clone());
        Err(limit)
    }

    /// Records how long the last request took.
    pub(super) fn took(&mut self, time: Duration) {
        self.waited = self.waited.saturating_add(time);
    }

    /// Records why the last request, which was for `origin`, got no answer.
    pub(super) fn failed(&mut self, origin: &str, fault: HttpFault) {
        self.failed = Some((origin.to_owned(), fault));
    }

    /// Records what the last answer says of further requests. Only a server that has no time
    /// means it (RFC 6585, 4; RFC 9110, 15.6.4): elsewhere it is about something else.
    pub(super) fn answered(&mut self, answer: &HttpAnswer) {
        self.retry_after = answer.retry_after.filter(|_| matches!(answer.status, 429 | 503));
    }

    /// Returns how long the server that answered last wants to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns why the last request got no answer, and the origin that it was for.
    pub(crate) fn failure(&self) -> Option<&(String, HttpFault)> {
        self.failed.as_ref()
    }

    /// Returns the limit that the strategy came up against, if it did.
    pub(crate) fn exceeded(&self) -> Option<&Limit> {
        self.exceeded.as_ref()
    }
}
