//! An endpoint: the only origin that its requests can go to.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use orchestration_support::url::{BaseUrl, DisplayUrl, is_loopback, url_secrets};
use orchestration_support::{Secret, redact};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response};
use rustls::ClientConfig;
use url::Url;

use crate::cause::cause;
use crate::error::{HttpError, sanitized};
use crate::header::secrets;
use crate::proxy::Proxy;
use crate::tls::{no_tls, system_tls};

/// How long connecting may take, unless the caller says.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// How long a server may be silent, unless the caller says. A large model may take a
/// minute before its first word.
pub const SILENCE: Duration = Duration::from_secs(120);

/// The only origin that requests can go to, with the client that sends them. Cheap to
/// clone: the copies share their connections.
///
/// ```
/// use std::time::Duration;
///
/// use orchestration_egress::{Endpoint, HttpError};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let url = "http://llm.example/v1".parse()?;
/// let second = Some(Duration::from_secs(1));
/// let refused = Endpoint::new(&url, false, second).await;
/// assert!(matches!(refused, Err(HttpError::PlainHttp { .. })));
///
/// let preset = "https://RESOURCE.openai.azure.com/openai/v1".parse()?;
/// let refused = Endpoint::new(&preset, false, second).await;
/// assert!(matches!(refused, Err(HttpError::Placeholder(_))));
///
/// let url = "http://user:password@127.0.0.1/v1".parse()?;
/// let endpoint = Endpoint::new(&url, false, second).await?;
/// assert!(!format!("{endpoint:?}").contains("password"));
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Clone)]
pub struct Endpoint {
    base: BaseUrl,
    client: Client,
    proxy: Option<Proxy>,
}

impl Endpoint {
    /// Returns the endpoint at `base_url`. A request fails if connecting takes longer than
    /// `timeout`, or if no byte arrives for that long; `None` stands for ten seconds and
    /// [`SILENCE`]. The first endpoint of a process reads the system's certificates, on
    /// another thread.
    ///
    /// # Errors
    ///
    /// Fails with [`HttpError::Placeholder`] or [`HttpError::PlainHttp`] if no key may be
    /// sent to this URL, with [`HttpError::ProxyVariable`] if the environment names a proxy
    /// that can't be used, and with [`HttpError::Setup`] if this machine cannot make the
    /// connections that it needs.
    pub async fn new(
        base_url: &BaseUrl,
        allow_http: bool,
        timeout: Option<Duration>,
    ) -> Result<Self, HttpError> {
        let Egress { tls, proxy } = Egress::to(base_url, allow_http).await?;
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("orchestration/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(timeout.unwrap_or(CONNECT))
            .read_timeout(timeout.unwrap_or(SILENCE));
        // Whatever the environment says to the client, it is read once, by us.
        let builder = match &proxy {
            Some(proxy) => builder.proxy(client_proxy(proxy)?),
            None => builder.no_proxy(),
        };
        let client = builder.build().map_err(|reason| setup(&reason))?;
        Ok(Self { base: base_url.clone(), client, proxy })
    }

    /// Returns the client that builds requests; [`send`](Self::send) sends them.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns `path`, which begins with `/`, below the base URL. The query of the
    /// base URL stays: some endpoints want their version there.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.base.expose().clone();
        url.set_path(&format!("{}{path}", self.base.expose().path().trim_end_matches('/')));
        url
    }

    /// Returns the base URL as it is, secrets included.
    pub fn base(&self) -> &str {
        self.base.expose().as_str()
    }

    /// Returns true if the host is `domain` or a subdomain of it.
    pub fn is_below(&self, domain: &str) -> bool {
        let host = self.base.expose().host_str().unwrap_or_default();
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// Returns the host, with the port if it is not the default one.
    pub fn host(&self) -> String {
        let host = self.base.expose().host_str().unwrap_or_default();
        self.base.expose().port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Returns the base URL as it is displayed.
    pub fn displayed(&self) -> String {
        self.base.to_string()
    }

    /// Returns why a request to `url` failed, which is displayed as it is.
    pub fn failed(&self, error: &reqwest::Error, url: String) -> HttpError {
        cause(error, url, self.proxy.as_ref())
    }

    /// Returns the secrets that the server gets with `request`, and may repeat: the
    /// [`secrets`] of its headers, and those of the base URL.
    pub fn secrets_in(&self, request: &Request) -> Vec<Secret> {
        let mut sent = secrets(request.headers());
        sent.extend(url_secrets(self.base.expose()));
        sent
    }

    /// Sends `request` and waits for the head of the answer. Every status except a
    /// redirect is an answer.
    ///
    /// # Errors
    ///
    /// Fails with [`HttpError::Redirect`] if the request is for another origin or the
    /// answer is a redirect, and otherwise with the [`HttpError`] that says why there
    /// is no answer.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = displayed(request.url());
        let secrets = self.secrets_in(&request);
        let response = self.send_unfollowed(request).await?;
        match response.headers().get(LOCATION) {
            Some(to) if response.status().is_redirection() => {
                let to = to.to_str().ok().and_then(|to| response.url().join(to).ok());
                let to = to.map_or_else(|| "an invalid URL".to_owned(), |to| displayed(&to));
                // A server may have put the key into the path.
                let to = redact::sanitize(&to, secrets.iter().map(Secret::expose));
                Err(HttpError::Redirect { url, to })
            }
            _ => Ok(response),
        }
    }

    /// Does what [`send`](Self::send) does, but returns a redirect as an answer: for callers
    /// that decide about the place it names, and what may be sent there.
    ///
    /// # Errors
    ///
    /// Fails as [`send`](Self::send) does, except for a redirect.
    pub async fn send_unfollowed(&self, request: Request) -> Result<Response, HttpError> {
        let url = displayed(request.url());
        if request.url().origin() != self.base.expose().origin() {
            return Err(HttpError::Redirect { url: self.displayed(), to: url });
        }
        let response = self.client.execute(request).await;
        response.map_err(|error| self.failed(&error, url))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("base", &self.displayed()).finish_non_exhaustive()
    }
}

/// How requests reach an origin that a key may be sent to.
pub(crate) struct Egress {
    pub(crate) tls: ClientConfig,
    pub(crate) proxy: Option<Proxy>,
}

impl Egress {
    /// Decides it for the origin of `base_url`: see [`Endpoint::new`].
    pub(crate) async fn to(base_url: &BaseUrl, allow_http: bool) -> Result<Self, HttpError> {
        if let Some(placeholder) = base_url.placeholder() {
            return Err(HttpError::Placeholder(placeholder.to_owned()));
        }
        let base = base_url.expose();
        let here = is_loopback(base);
        if base.scheme() != "https" && !here && !allow_http {
            return Err(HttpError::PlainHttp { url: displayed(base) });
        }
        let proxy = Proxy::of(base)?;
        // Plain http to this machine, which uses no proxy, never needs certificates.
        let tls = if here && base.scheme() == "http" { no_tls() } else { system_tls().await };
        Ok(Self { tls: tls.map_err(|reason| setup(&*reason))?, proxy })
    }
}

fn client_proxy(proxy: &Proxy) -> Result<reqwest::Proxy, HttpError> {
    reqwest::Proxy::all(proxy.url().as_str())
        .map_err(|_| HttpError::ProxyVariable { variable: proxy.variable() })
}

fn setup(reason: &dyn Error) -> HttpError {
    HttpError::Setup(sanitized(reason))
}

fn displayed(url: &Url) -> String {
    DisplayUrl::from(url).to_string()
}
