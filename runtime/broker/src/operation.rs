//! The paths for the operator of the broker: the probes, its metrics, and its status page.
//!
//! None of them needs a pass, since a probe has none. So none has a secret, and what tells more
//! than that the broker runs is only for this machine, and for no web page.

use std::time::SystemTime;

use hyper::{Response, StatusCode};

use crate::answer::{Content, whole};
use crate::metrics;
use crate::served::Shared;
use crate::status_page;

/// One of these paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Live,
    Ready,
    Metrics,
    StatusPage,
}

impl Operation {
    /// Returns what is at this path.
    pub(crate) fn at(path: &str) -> Option<Self> {
        match path {
            "/livez" => Some(Self::Live),
            "/readyz" => Some(Self::Ready),
            "/metrics" => Some(Self::Metrics),
            "/" => Some(Self::StatusPage),
            _ => None,
        }
    }

    /// Returns true if anyone may ask, from anywhere.
    pub(crate) fn is_probe(self) -> bool {
        matches!(self, Self::Live | Self::Ready)
    }

    /// Returns true if there is something at this path.
    pub(crate) fn is_served(self, shared: &Shared) -> bool {
        self != Self::StatusPage || shared.shows_status()
    }

    /// Returns what is there now.
    #[cold]
    pub(crate) fn answered(self, shared: &Shared) -> Response<Content> {
        let (status, content_type, content) = match self {
            Self::Ready if shared.served().upstreams.is_empty() => {
                (StatusCode::SERVICE_UNAVAILABLE, "text/plain", "no profile\n".into())
            }
            Self::Live | Self::Ready => (StatusCode::OK, "text/plain", "ok\n".into()),
            Self::Metrics => {
                let text = shared.metrics().exposition(&shared.standing());
                (StatusCode::OK, metrics::CONTENT_TYPE, text.into())
            }
            Self::StatusPage => {
                let page = status_page::page(&shared.standing(), SystemTime::now());
                (StatusCode::OK, status_page::CONTENT_TYPE, page.into())
            }
        };
        let mut answer = whole(status, content_type, content);
        if self == Self::StatusPage {
            status_page::confine(answer.headers_mut());
        }
        answer
    }
}
