//! One repository of one registry, and the requests to it (the distribution specification
//! of OCI, version 1.1).

use std::sync::{Mutex, PoisonError};

use orchestration_egress::{Endpoint, HttpError, secrets};
use orchestration_support::Secret;
use orchestration_support::on_thread::on_thread;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, WWW_AUTHENTICATE,
};
use reqwest::{Method, Request, Response, StatusCode};
use url::Url;

use crate::authorization::{SILENCE, answer, displayed, endpoint, may_lead_to};
use crate::challenge::Challenge;
use crate::digest::Digest;
use crate::docker_config::DockerConfig;
use crate::error::{CredentialUse, RegistryError, RegistryFault};
use crate::login::Credential;
use crate::manifest;
use crate::part::Part;
use crate::reference::Reference;
use crate::transfer::{self, Expected, Progress};

/// How often a download may be elsewhere.
const MAX_REDIRECTS: usize = 3;

/// What is to be done with a repository, which its tokens name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read it.
    Pull,
    /// Write to it, and read it.
    Push,
}

/// A repository that answers.
pub struct Repository {
    reference: Reference,
    endpoint: Endpoint,
    access: Access,
    logins: DockerConfig,
    /// What the last request that was accepted was sent with.
    accepted: Mutex<Option<Accepted>>,
    progress: Progress,
}

/// What a registry accepted.
#[derive(Clone)]
struct Accepted {
    header: HeaderValue,
    /// Where the login is from, if it was not that of anyone.
    from: Option<String>,
    /// What the registry may repeat.
    secrets: Vec<Secret>,
}

/// A request, which may be sent more than once.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) accept: &'static str,
    pub(crate) content: Option<(&'static str, Vec<u8>)>,
}

impl Repository {
    /// Returns the repository of `reference`, for which `logins` may have a login.
    ///
    /// A registry on this machine may speak plain http, and is asked which it speaks, without
    /// a login; every other has to speak https.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault::Http`] if the registry can't be reached.
    pub async fn open(
        reference: &Reference,
        access: Access,
        logins: DockerConfig,
    ) -> Result<Self, RegistryError> {
        let endpoint = connect(reference).await.map_err(|fault| fault.of(reference))?;
        Ok(Self {
            reference: reference.clone(),
            endpoint,
            access,
            logins,
            accepted: Mutex::default(),
            progress: Progress::default(),
        })
    }

    /// Returns the reference that it was opened for.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Returns how many bytes have been fetched.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Returns the manifest that `wanted` names, a tag or a digest, and its media type.
    pub(crate) async fn manifest(
        &self,
        wanted: &str,
        part: Part,
    ) -> Result<(Vec<u8>, String), RegistryFault> {
        let url = self.url(&format!("manifests/{wanted}"));
        let ask = Ask { method: Method::GET, url, accept: manifest::ACCEPTED, content: None };
        let response = self.send(ask, part).await?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let announced = response.headers().get("docker-content-digest").cloned();
        let body = transfer::read(response, &Expected::of(part), &self.progress).await?;
        let found = Digest::of(&body);
        let named = wanted.parse::<Digest>().ok();
        let announced = announced.and_then(|digest| digest.to_str().ok()?.parse().ok());
        match named.or(announced) {
            Some(expected) if expected != found => {
                Err(RegistryFault::Digest { part, expected, found })
            }
            _ => Ok((body, kind)),
        }
    }

    /// Returns the blob of this digest.
    pub(crate) async fn blob(
        &self,
        digest: &Digest,
        expected: Expected,
    ) -> Result<Vec<u8>, RegistryFault> {
        let expected = expected.checked()?;
        let part = expected.part;
        let url = self.url(&format!("blobs/{digest}"));
        let ask = Ask { method: Method::GET, url, accept: "*/*", content: None };
        let response = self.send(ask, part).await?;
        let body = transfer::read(response, &expected, &self.progress).await?;
        let found = Digest::of(&body);
        if found != *digest {
            return Err(RegistryFault::Digest { part, expected: digest.clone(), found });
        }
        Ok(body)
    }

    /// Returns the URL of something in the repository.
    pub(crate) fn url(&self, path: &str) -> Url {
        self.endpoint.url(&format!("/v2/{}/{path}", self.reference.repository()))
    }

    /// Returns true if `url` is on the registry itself, so that it may get the login.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.url("").origin()
    }

    /// Sends a request and returns the answer, if it is a success.
    pub(crate) async fn send(&self, ask: Ask, part: Part) -> Result<Response, RegistryFault> {
        let response = self.answered(ask, part).await?;
        match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(self.failed(status, response, part).await),
        }
    }

    /// Returns true if the registry has the blob.
    pub(crate) async fn has_blob(&self, digest: &Digest) -> Result<bool, RegistryFault> {
        let url = self.url(&format!("blobs/{digest}"));
        let ask = Ask { method: Method::HEAD, url, accept: "*/*", content: None };
        let response = self.answered(ask, Part::Component).await?;
        Ok(response.status().is_success())
    }

    /// Sends a request, with what the registry accepts if it wants a login.
    async fn answered(&self, ask: Ask, part: Part) -> Result<Response, RegistryFault> {
        let known = self.accepted().map(|accepted| accepted.header);
        let response = self.attempt(&ask, known, part).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let values = response.headers().get_all(WWW_AUTHENTICATE);
        let challenge = Challenge::of(values.iter().filter_map(|value| value.to_str().ok()))
            .ok_or_else(|| RegistryFault::Challenge(self.host()))?;
        // A helper that is broken does not stand in the way of what anyone may have either.
        let (credential, broken) = match self.credential().await {
            Ok(credential) => (credential, None),
            Err(fault) => (None, Some(fault)),
        };
        let mut refused = None;
        for login in [credential.as_ref(), None] {
            if login.is_none() && credential.is_none() && refused.is_some() {
                break;
            }
            let here = self.reference.is_here();
            let Some(header) = answer(&challenge, &self.scope(), login, here).await? else {
                refused.get_or_insert(StatusCode::UNAUTHORIZED);
                continue;
            };
            let response = self.attempt(&ask, Some(header.clone()), part).await?;
            match response.status() {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    refused.get_or_insert(response.status());
                }
                _ => {
                    if login.is_none() && credential.is_some() {
                        tracing::info!("the stored login was refused, and is not needed");
                    }
                    let from = login.map(|login| login.from.clone());
                    let mut secrets =
                        secrets(&HeaderMap::from_iter([(AUTHORIZATION, header.clone())]));
                    secrets.extend(login.map(|login| login.login.secret().clone()));
                    *self.accepted.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(Accepted { header, from, secrets });
                    return Ok(response);
                }
            }
        }
        if let Some(fault) = broken {
            return Err(fault);
        }
        let (host, repository) = (self.host(), self.reference.repository().to_owned());
        let credential = self.used(credential.map(|credential| credential.from));
        Err(match refused {
            Some(StatusCode::FORBIDDEN) => {
                RegistryFault::Forbidden { host, repository, credential }
            }
            _ => RegistryFault::Unauthorized { host, repository, credential },
        })
    }

    /// Sends a request once, and follows what leads to another server, which gets no login.
    async fn attempt(
        &self,
        ask: &Ask,
        authorization: Option<HeaderValue>,
        part: Part,
    ) -> Result<Response, RegistryFault> {
        let response = self.endpoint.send_unfollowed(ask.request(&ask.url, authorization.as_ref()));
        let mut response = response.await?;
        if !matches!(ask.method, Method::GET | Method::HEAD) {
            return Ok(response);
        }
        for _ in 0..MAX_REDIRECTS {
            let Some(to) = target(&response) else { return Ok(response) };
            if self.is_own(&to) {
                let request = ask.request(&to, authorization.as_ref());
                response = self.endpoint.send_unfollowed(request).await?;
                continue;
            }
            let refused = || RegistryFault::Redirect { part, to: displayed(to.as_str()) };
            if !may_lead_to(&to, self.reference.is_here()) {
                return Err(refused());
            }
            let other = endpoint(&to).await?.ok_or_else(refused)?;
            response = other.send_unfollowed(ask.request(&to, None)).await?;
        }
        match target(&response) {
            None => Ok(response),
            Some(_) => Err(RegistryFault::Redirects(part)),
        }
    }

    async fn failed(&self, status: StatusCode, response: Response, part: Part) -> RegistryFault {
        let (host, repository) = (self.host(), self.reference.repository().to_owned());
        let accepted = self.accepted();
        let (from, secrets) = accepted.map(|known| (known.from, known.secrets)).unwrap_or_default();
        let credential = self.used(from);
        match status {
            StatusCode::FORBIDDEN => RegistryFault::Forbidden { host, repository, credential },
            StatusCode::NOT_FOUND => RegistryFault::NotFound { host, repository, part, credential },
            status => {
                let message = transfer::message(response, &secrets).await;
                RegistryFault::Status { host, status: status.as_u16(), message }
            }
        }
    }

    /// Returns the login for this host, read where the runtime is not held up.
    async fn credential(&self) -> Result<Option<Credential>, RegistryFault> {
        let (logins, host) = (self.logins.clone(), self.reference.host().to_owned());
        let read = on_thread("credential", move || logins.credential(&host)).await;
        read.map_err(|error| RegistryFault::Helper {
            program: "the helper".to_owned(),
            host: self.host(),
            reason: error.to_string(),
        })?
    }

    fn used(&self, from: Option<String>) -> CredentialUse {
        from.map_or_else(|| self.logins.without(), |from| CredentialUse::Sent { from })
    }

    fn accepted(&self) -> Option<Accepted> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn host(&self) -> String {
        self.reference.host().to_owned()
    }

    fn scope(&self) -> String {
        let actions = match self.access {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        };
        format!("repository:{}:{actions}", self.reference.repository())
    }
}

impl Ask {
    fn request(&self, url: &Url, authorization: Option<&HeaderValue>) -> Request {
        let mut request = Request::new(self.method.clone(), url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(self.accept));
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if let Some((kind, bytes)) = &self.content {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            *request.body_mut() = Some(bytes.clone().into());
        }
        request
    }
}

/// Returns where a redirect leads.
fn target(response: &Response) -> Option<Url> {
    let location = response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
    response.url().join(location?.to_str().ok()?).ok()
}

/// Returns the endpoint of the registry. On this machine it may be either plain http or
/// https, and only the registry knows, so it is asked in plain http first: a server that
/// speaks TLS says so at once, while one that does not may wait for the rest of a line.
async fn connect(reference: &Reference) -> Result<Endpoint, RegistryFault> {
    let server = reference.server();
    let at = |scheme: &str| -> Result<_, RegistryFault> {
        Ok(format!("{scheme}://{server}").parse().map_err(HttpError::from)?)
    };
    if reference.is_here() {
        let plain = Endpoint::new(&at("http")?, false, Some(SILENCE)).await?;
        let ping = plain.send_unfollowed(Request::new(Method::GET, plain.url("/v2/"))).await;
        match ping {
            // What Go and nginx answer to plain http on a port of TLS.
            Ok(answer) if answer.status() == StatusCode::BAD_REQUEST => {}
            // TLS itself, which is no HTTP.
            Err(HttpError::Interrupted { .. } | HttpError::Unreachable { .. }) => {}
            Ok(_) => return Ok(plain),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Endpoint::new(&at("https")?, false, Some(SILENCE)).await?)
}
