//! The answers that the broker gives itself, in place of the provider's.
//!
//! Clients show people the message of an error if it comes in the shape that their provider
//! uses. Those of OpenAI look for `error.message`, those of Anthropic for `type` and
//! `error.type` as well, and one object serves both.

use bytes::Bytes;
use hyper::StatusCode;
use orchestration_auth::ProviderError;
use orchestration_egress::HttpError;
use orchestration_sandbox::ErrorKind;
use serde_json::json;

use crate::refusal_code::RefusalCode;
use crate::target::PathFault;

/// Why the broker answers itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "this request shows no pass of the broker; send the pass as the API key \
         (`Authorization: Bearer PASS`, `x-api-key`, `api-key`, `x-goog-api-key` or `?key=`)"
    )]
    NoPass,
    #[error(
        "this pass is not one of the running broker; a pass ends with the broker that gave it: \
         restart the client with the new one"
    )]
    WrongPass,
    #[error("this pass is not good for the profile '{profile}'")]
    OtherProfile { profile: String },
    #[error("the broker does not serve the profile '{profile}'; start it with that profile")]
    NotServed { profile: String },
    #[error("nothing is served at this path; the base URL of a client is /p/PROFILE")]
    NoSuchPath,
    #[error("this broker hands no keys out; start it with --expose-credentials if it is to")]
    NotExposed,
    #[error("this path is refused: {0}")]
    Path(PathFault),
    #[error("the host of this request is not the broker's; use the address that it listens on")]
    OtherHost,
    #[error("requests of web pages are refused: this one has the header Origin")]
    WebPage,
    #[error("the target of a request to the broker is a path, not a URL")]
    NotAPath,
    #[error("the method {0} is not passed on")]
    Method(String),
    #[error(
        "WebSocket connections are not passed on; use the HTTP interface, with server-sent events"
    )]
    WebSocket,
    #[error("{error}; `orchestration auth explain {profile}` shows how its credential is found")]
    Credential { profile: String, error: Box<ProviderError> },
    #[error(
        "the provider refuses the key of '{profile}', and there is no other; `orchestration auth \
         explain {profile}` shows where it is from"
    )]
    KeyRefused { profile: String },
    #[error("{0}")]
    Upstream(HttpError),
    #[error(
        "the provider refused the request, in an answer that could not be searched for the key"
    )]
    Unreadable { status: StatusCode },
    #[error("this pass has {most} connections already, and can't have more")]
    TooMany { most: usize },
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoPass | Self::WrongPass | Self::KeyRefused { .. } => StatusCode::UNAUTHORIZED,
            Self::OtherProfile { .. } | Self::NotExposed | Self::OtherHost | Self::WebPage => {
                StatusCode::FORBIDDEN
            }
            Self::NotServed { .. } | Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::Path(_) | Self::NotAPath => StatusCode::BAD_REQUEST,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::WebSocket => StatusCode::NOT_IMPLEMENTED,
            Self::Credential { error, .. } if is_passing(error.kind()) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Credential { .. } => StatusCode::UNAUTHORIZED,
            Self::Upstream(HttpError::Timeout { .. }) => StatusCode::GATEWAY_TIMEOUT,
            Self::Upstream(_) => StatusCode::BAD_GATEWAY,
            Self::Unreadable { status } => *status,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    pub(crate) fn code(&self) -> RefusalCode {
        match self {
            Self::NoPass => RefusalCode::NoPass,
            Self::WrongPass => RefusalCode::WrongPass,
            Self::OtherProfile { .. } => RefusalCode::OtherProfile,
            Self::NotServed { .. } => RefusalCode::NotServed,
            Self::NoSuchPath => RefusalCode::NoSuchPath,
            Self::NotExposed => RefusalCode::NotExposed,
            Self::Path(_) | Self::NotAPath => RefusalCode::Path,
            Self::OtherHost => RefusalCode::OtherHost,
            Self::WebPage => RefusalCode::WebPage,
            Self::Method(_) => RefusalCode::Method,
            Self::WebSocket => RefusalCode::WebSocket,
            Self::Credential { .. } => RefusalCode::NoCredential,
            Self::KeyRefused { .. } => RefusalCode::KeyRefused,
            Self::Upstream(_) => RefusalCode::Unreachable,
            Self::Unreadable { .. } => RefusalCode::Unreadable,
            Self::TooMany { .. } => RefusalCode::TooMany,
        }
    }

    /// Returns true if the same request may work later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Upstream(_) | Self::TooMany { .. } => true,
            Self::Credential { error, .. } => is_passing(error.kind()),
            _ => false,
        }
    }

    /// Returns the body of the answer.
    pub(crate) fn body(&self) -> Bytes {
        let status = self.status();
        let kind = match status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::NOT_FOUND => "not_found_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "api_error",
            _ => "invalid_request_error",
        };
        let message = format!("orchestration: {self}");
        let error =
            json!({ "type": kind, "code": self.code().name(), "message": message, "param": null });
        json!({ "type": "error", "error": error }).to_string().into()
    }
}

fn is_passing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable)
}
