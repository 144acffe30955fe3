//! Why a request failed, from the errors of the client.

use std::error::Error;
use std::io;

use orchestration_support::SystemLimit;

use crate::error::{HttpError, sanitized};
use crate::proxy::Proxy;

/// The files that looking up a host opens. Without them the lookup says that there is
/// no such host.
const LOOKUP_FILES: usize = 4;

/// When a request failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Connecting,
    /// There was no connection in time.
    LateToConnect,
    Asking,
    /// There was no answer in time.
    LateToAnswer,
}

/// Returns the kind of `error`. `url` is the URL of the request as displayed, and
/// `proxy` the proxy that it took.
pub(crate) fn cause(error: &reqwest::Error, url: String, proxy: Option<&Proxy>) -> HttpError {
    let phase = match (error.is_timeout(), error.is_connect()) {
        (false, false) => Phase::Asking,
        (false, true) => Phase::Connecting,
        (true, false) => Phase::LateToAnswer,
        (true, true) => Phase::LateToConnect,
    };
    cause_of(phase, error.source(), url, proxy)
}

/// As [`cause`], with the errors that began at `source`.
pub(crate) fn cause_of(
    phase: Phase,
    mut source: Option<&(dyn Error + 'static)>,
    url: String,
    proxy: Option<&Proxy>,
) -> HttpError {
    match phase {
        Phase::LateToConnect if proxy.is_some() => {
            return unconnected(url, proxy, "no connection in time".to_owned());
        }
        Phase::LateToConnect | Phase::LateToAnswer => return HttpError::Timeout { url },
        Phase::Connecting | Phase::Asking => {}
    }
    let mut reason = String::new();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            if let Some(limit) = SystemLimit::behind(io) {
                return HttpError::System(limit);
            }
            if io.kind() == io::ErrorKind::ConnectionRefused {
                return match proxy {
                    None => HttpError::Refused { url },
                    proxy => unconnected(url, proxy, "connection refused".to_owned()),
                };
            }
            if let Some(rustls::Error::InvalidCertificate(reason)) = tls_error(io) {
                return HttpError::Untrusted { url, reason: sanitized(reason) };
            }
        }
        reason = sanitized(cause);
        source = cause.source();
    }
    if phase == Phase::Connecting {
        if let Err(limit) = SystemLimit::check_open_files(LOOKUP_FILES) {
            return HttpError::System(limit);
        }
        return unconnected(url, proxy, reason);
    }
    HttpError::Interrupted { url, reason }
}

fn unconnected(url: String, proxy: Option<&Proxy>, reason: String) -> HttpError {
    match proxy {
        None => HttpError::Unreachable { url, reason },
        Some(proxy) => {
            let (variable, proxy) = (proxy.variable(), proxy.displayed());
            HttpError::Proxy { url, proxy, variable, reason }
        }
    }
}

/// Returns the TLS error inside an I/O error, which may be nested in further I/O errors.
/// `source()` does not return the error inside, so `get_ref` has to.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref().or_else(|| tls_error(inner.downcast_ref()?))
}
