//! What time it is for a server.
//!
//! A token has an end that a server's clock decides, and an assertion is signed for the next
//! few minutes. If the clock of this machine is wrong, both fail for reasons that no message
//! of a server explains.

use std::time::{Duration, SystemTime};

use orchestration_egress::{Endpoint, HttpError};
use orchestration_support::url::Issuer;
use reqwest::header::DATE;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What every issuer has, and where none redirects.
const PATH: &str = "/.well-known/openid-configuration";

/// Returns the time in the answer of an issuer (RFC 9110, 6.6.1), whatever else it says;
/// `None` if there is none in it. It needs a tokio runtime with timer and I/O enabled.
///
/// # Errors
///
/// Fails with [`HttpError`] if there is no answer in ten seconds.
pub async fn server_time(issuer: &Issuer) -> Result<Option<SystemTime>, HttpError> {
    let url = issuer.as_str().parse().map_err(HttpError::Url)?;
    let endpoint = Endpoint::new(&url, false, Some(PATIENCE)).await?;
    let asked = endpoint.client().get(endpoint.url(PATH)).build();
    let asked = asked.map_err(|error| endpoint.failed(&error, endpoint.displayed()))?;
    let answer = tokio::time::timeout(PATIENCE, endpoint.send(asked)).await;
    let answer =
        answer.unwrap_or_else(|_| Err(HttpError::Timeout { url: endpoint.displayed() }))?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    Ok(date.and_then(|date| httpdate::parse_http_date(date).ok()))
}
