//! What a recording keeps, and why that may be no case.

use orchestration_sandbox::{HttpAnswer, HttpRequest};

/// A request that was sent.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) request: HttpRequest,
    /// `None` if there was none, for whatever reason, or none in time.
    pub(super) answer: Option<HttpAnswer>,
}

/// Why a call can't be written as a case.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A case has texts only.
    #[error("the value of {0} is not valid UTF-8")]
    NotUnicode(String),
    /// What happens without an answer depends on the network.
    #[error("a request to {0} got no answer")]
    NoAnswer(String),
    /// The case would contain a secret, e.g. in the name of a field.
    #[error("a secret is in a place that can't be replaced")]
    Secret,
}
