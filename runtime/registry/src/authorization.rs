//! The dance for a token: asked, refused with a challenge, shown a login, given a token.
//!
//! Most registries give public components to anyone, but only with a token for anyone. A
//! stored login that has expired must not stand in the way of those, so what is refused
//! with a login is asked for without.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestration_egress::{Endpoint, bearer, header};
use orchestration_support::Secret;
use orchestration_support::url::is_loopback;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use crate::challenge::{Challenge, Realm};
use crate::error::RegistryFault;
use crate::login::{Credential, Login};
use crate::part::Part;
use crate::secret_text::SecretText;
use crate::transfer::{self, Expected, Progress};

/// How long a registry may be silent.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);

/// What a server of tokens answers.
#[derive(Deserialize)]
struct Answer {
    token: Option<SecretText>,
    access_token: Option<SecretText>,
}

/// Returns the header that answers `challenge` with this login, or with none; `None` if the
/// login is refused, or if the challenge can't be answered without one.
pub(crate) async fn answer(
    challenge: &Challenge,
    scope: &str,
    credential: Option<&Credential>,
    registry_is_here: bool,
) -> Result<Option<HeaderValue>, RegistryFault> {
    match (challenge, credential.map(|known| &known.login)) {
        (Challenge::Basic, Some(Login::Password { user, password })) => {
            basic(user, password).map(Some)
        }
        (Challenge::Basic, _) => Ok(None),
        (Challenge::Bearer(realm), login) => token(realm, scope, login, registry_is_here).await,
    }
}

async fn token(
    realm: &Realm,
    scope: &str,
    login: Option<&Login>,
    registry_is_here: bool,
) -> Result<Option<HeaderValue>, RegistryFault> {
    let refused = || RegistryFault::Realm(displayed(&realm.url));
    let url = Url::parse(&realm.url).map_err(|_| refused())?;
    if !may_lead_to(&url, registry_is_here) {
        return Err(refused());
    }
    let endpoint = endpoint(&url).await?.ok_or_else(refused)?;
    let request = request(url, realm, scope, login)?;
    let response = endpoint.send(request).await?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => {
            return Ok(None);
        }
        status => {
            let secrets: Vec<Secret> = login.map(Login::secret).cloned().into_iter().collect();
            let message = transfer::message(response, &secrets).await;
            let host = endpoint.host();
            return Err(RegistryFault::Status { host, status: status.as_u16(), message });
        }
    }
    let expected = Expected { part: Part::Token, bytes: None, max: Part::Token.max_bytes() };
    let body =
        transfer::read(response, &expected, &Progress::default()).await.map(Zeroizing::new)?;
    let malformed =
        |reason: &str| RegistryFault::Malformed { part: Part::Token, reason: reason.to_owned() };
    let answer: Answer =
        serde_json::from_slice(&body).map_err(|_| malformed("it is not JSON with a token"))?;
    let SecretText(token) =
        answer.token.or(answer.access_token).ok_or_else(|| malformed("it has no token"))?;
    Ok(Some(bearer(&token)?))
}

fn request(
    mut url: Url,
    realm: &Realm,
    scope: &str,
    login: Option<&Login>,
) -> Result<Request, RegistryFault> {
    if let Some(Login::IdentityToken(token)) = login {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token")
            .append_pair("client_id", env!("CARGO_PKG_NAME"))
            .append_pair("scope", scope)
            .append_pair("refresh_token", token.expose());
        if let Some(service) = &realm.service {
            form.append_pair("service", service);
        }
        let mut request = Request::new(Method::POST, url);
        let (name, value) = header("content-type", "application/x-www-form-urlencoded")?;
        request.headers_mut().insert(name, value);
        *request.body_mut() = Some(form.finish().into());
        return Ok(request);
    }
    if let Some(service) = &realm.service {
        url.query_pairs_mut().append_pair("service", service);
    }
    url.query_pairs_mut().append_pair("scope", scope);
    let mut request = Request::new(Method::GET, url);
    if let Some(Login::Password { user, password }) = login {
        request.headers_mut().insert(AUTHORIZATION, basic(user, password)?);
    }
    Ok(request)
}

fn basic(user: &str, password: &Secret) -> Result<HeaderValue, RegistryFault> {
    let joined = Zeroizing::new(format!("{user}:{}", password.expose()));
    let value = Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(&*joined))));
    Ok(header("authorization", &value)?.1)
}

/// Returns true if a registry may send its users to `url`: over https only, and to this
/// machine only if it is there itself, since its servers are no business of another's.
pub(crate) fn may_lead_to(url: &Url, registry_is_here: bool) -> bool {
    if is_loopback(url) { registry_is_here } else { url.scheme() == "https" }
}

/// Returns the endpoint that requests to `url` go to; `None` if it is not a URL of a server.
pub(crate) async fn endpoint(url: &Url) -> Result<Option<Endpoint>, RegistryFault> {
    let Ok(origin) = url.origin().ascii_serialization().parse() else { return Ok(None) };
    Ok(Some(Endpoint::new(&origin, false, Some(SILENCE)).await?))
}

/// Returns a URL of a registry as it is displayed.
pub(crate) fn displayed(url: &str) -> String {
    use orchestration_support::url::DisplayUrl;
    DisplayUrl::parse(url).map_or_else(|| "an invalid URL".to_owned(), |url| url.to_string())
}
