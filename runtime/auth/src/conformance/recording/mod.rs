//! Records the requests of a real call as a case.
//!
//! A written script shows what its author believes about a server. A
//! recorded one shows what the server did, and is quicker to get. It is meant to be
//! committed, so it must have no secret: [`placeholders`] puts a text of its own in the
//! place of each, the same one in the variable, in the request that sends it and in the
//! answer that brings it. What can't be replaced is left out, and a case that still
//! repeats a secret is not written at all.

mod case;
mod kept;
mod placeholders;
mod toml;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use orchestration_sandbox::{HttpAnswer, HttpFault, HttpRequest, Transport};

pub use case::RecordedCall;
use kept::Kept;
pub use kept::RecordingError;

/// A network that keeps every request, with its answer.
pub struct Recording {
    network: Arc<dyn Transport>,
    kept: Mutex<Vec<Kept>>,
}

impl Recording {
    /// Returns a recording of what is sent on `network`.
    pub(crate) fn of(network: Arc<dyn Transport>) -> Self {
        Self { network, kept: Mutex::default() }
    }

    /// Returns the call as a `[[case]]` for the file of cases, in which every secret is
    /// replaced.
    ///
    /// # Errors
    ///
    /// Fails with [`RecordingError`] if that is not possible.
    pub fn case(&self, call: &RecordedCall<'_>) -> Result<String, RecordingError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        case::written(call, &kept)
    }
}

#[async_trait]
impl Transport for Recording {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, HttpFault> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Kept first: this future is dropped when the time is up.
        let number = {
            let mut kept = kept();
            kept.push(Kept { request: request.clone(), answer: None });
            kept.len() - 1
        };
        let answer = self.network.send(request).await?;
        if let Some(kept) = kept().get_mut(number) {
            kept.answer = Some(answer.clone());
        }
        Ok(answer)
    }
}
