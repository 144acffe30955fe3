//! Why a request failed, from the errors of the client.

use std::error::Error;
use std::io;

use orchestration_support::SystemLimit;

use crate::error::{HttpError, sanitized};
use crate::proxy::Proxy;

/// The files that looking up a host opens. Without them the lookup says that there is
/// no such host.
const LOOKUP_FILES: usize = 4;

/// Returns the kind of `error`. `url` is the URL of the request as displayed, and
/// `proxy` the proxy that it took.
pub(crate) fn cause(error: &reqwest::Error, url: String, proxy: Option<&Proxy>) -> HttpError {
    if error.is_timeout() && error.is_connect() && proxy.is_some() {
        return unconnected(url, proxy, "no connection in time".to_owned());
    }
    if error.is_timeout() {
        return HttpError::Timeout { url };
    }
    let mut reason = String::new();
    let mut source: Option<&(dyn Error + 'static)> = error.source();
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
    if error.is_connect() {
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
