//! How the requests of strategies reach their servers.

use async_trait::async_trait;
use orchestration_egress::{Endpoint, HttpError, header, retry_after};
use orchestration_sandbox::{HttpAnswer, HttpFault, HttpRequest, Transport};
use reqwest::{Method, Request, Response};
use zeroize::Zeroizing;

/// The network, with the proxies, certificates and refused redirects of every other
/// request.
///
/// Each request has a connection of its own. One that is kept would be shared between
/// tenants, and belongs to the runtime that opened it, which a registry may outlive.
pub(crate) struct Network;

#[async_trait]
impl Transport for Network {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, HttpFault> {
        let endpoint = Endpoint::new(&request.url, false, Some(request.time)).await;
        let endpoint = endpoint.map_err(fault)?;
        let response = endpoint.send(prepared(&request).map_err(fault)?).await.map_err(fault)?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let failed = |error| fault(endpoint.failed(&error, request.url.to_string()));
        let body = read(response, request.max_answer, failed).await?;
        Ok(HttpAnswer { status, body, retry_after })
    }
}

/// Returns the request in the form of the client. Its headers are never logged.
fn prepared(request: &HttpRequest) -> Result<Request, HttpError> {
    let method = Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
    let mut prepared = Request::new(method, request.url.expose().clone());
    for (name, value) in &request.headers {
        let (name, value) = header(name, value.expose())?;
        prepared.headers_mut().insert(name, value);
    }
    *prepared.body_mut() = request.body.as_ref().map(|body| body.expose().to_owned().into());
    Ok(prepared)
}

/// Reads the body of an answer, of at most `most` bytes.
async fn read(
    mut response: Response,
    most: usize,
    failed: impl Fn(reqwest::Error) -> HttpFault,
) -> Result<Zeroizing<Vec<u8>>, HttpFault> {
    let most_bytes = u64::try_from(most).unwrap_or(u64::MAX);
    if response.content_length().is_some_and(|bytes| bytes > most_bytes) {
        return Err(HttpFault::TooLarge);
    }
    // It never grows, which would leave copies behind.
    let mut body = Zeroizing::new(Vec::with_capacity(most));
    while let Some(chunk) = response.chunk().await.map_err(&failed)? {
        if body.len() + chunk.len() > most {
            return Err(HttpFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn fault(error: HttpError) -> HttpFault {
    match error {
        HttpError::Timeout { .. } => HttpFault::Timeout,
        HttpError::Redirect { to, .. } => HttpFault::Redirect(to),
        HttpError::Untrusted { reason, .. } => HttpFault::Untrusted(reason),
        HttpError::Refused { .. } => HttpFault::Refused,
        HttpError::ProxyVariable { variable } => HttpFault::ProxyVariable(variable),
        HttpError::Proxy { proxy, variable, reason, .. } => {
            let reason = format!("the proxy {proxy} ({variable}) made no connection: {reason}");
            HttpFault::Proxy { variable, reason }
        }
        // The origin is known, and the rest of the URL may be long.
        HttpError::Unreachable { reason, .. } => HttpFault::Unreachable(reason),
        HttpError::Interrupted { reason, .. } => {
            HttpFault::Unreachable(format!("the connection was interrupted: {reason}"))
        }
        HttpError::Url(_)
        | HttpError::Placeholder(_)
        | HttpError::PlainHttp { .. }
        | HttpError::Key
        | HttpError::Header(_)
        | HttpError::ConnectionHeader(_)
        | HttpError::Setup(_)
        | HttpError::System(_) => HttpFault::Unreachable(error.to_string()),
    }
}
