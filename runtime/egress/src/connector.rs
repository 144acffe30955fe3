//! Connections to one origin, for a caller that speaks HTTP on them itself.
//!
//! A general client parses the URL of each request, keeps its connections behind a lock
//! for all threads, and sets a timer for each read. A broker that passes on every byte of
//! every client does better with the bare connection. Where that may lead is still decided
//! here, as for every other request: one origin, certificates of the system, one reading
//! of the proxy variables, plain http only to this machine or if the caller allows it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use orchestration_support::Secret;
use orchestration_support::url::BaseUrl;
use percent_encoding::percent_decode_str;
use reqwest::header::HeaderValue;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower::ServiceExt;
use url::Url;

use crate::cause::{Phase, cause_of};
use crate::endpoint::{CONNECT, Egress};
use crate::error::HttpError;
use crate::header::basic;
use crate::proxy::Proxy;

/// The port of a SOCKS proxy whose URL has none.
const SOCKS_PORT: u16 = 1080;

type BoxError = Box<dyn Error + Send + Sync>;

/// An open connection to the origin, encrypted if that is https.
pub type Connection = Box<dyn Stream>;

/// What HTTP can be spoken on.
pub trait Stream: Read + Write + Unpin + Send {}

impl<T: Read + Write + Unpin + Send> Stream for T {}

/// Opens connections to one origin.
///
/// ```
/// use orchestration_egress::{Connector, HttpError};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let refused = Connector::new(&"http://llm.example/v1".parse()?, false, None).await;
/// assert!(matches!(refused, Err(HttpError::PlainHttp { .. })));
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let url = format!("http://{}/v1", listener.local_addr()?).parse()?;
/// let connector = Connector::new(&url, false, None).await?;
/// connector.connect().await?;
/// # Ok(())
/// # })
/// # }
/// ```
pub struct Connector {
    displayed: String,
    /// The origin, with its port.
    origin: Uri,
    tls: Option<Tls>,
    route: Route,
    proxy: Option<Proxy>,
    timeout: Duration,
}

/// How a connection to this host is encrypted.
#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
    host: ServerName<'static>,
}

/// How the origin is reached.
enum Route {
    Direct,
    /// Through a proxy that is asked for a tunnel.
    Tunnel(Arc<HttpProxy>),
    /// Through a proxy that is sent the requests themselves.
    Forward(Arc<HttpProxy>),
    Socks4(Uri),
    Socks5(Uri, Option<(Secret, Secret)>),
}

struct HttpProxy {
    uri: Uri,
    tls: Option<Tls>,
    authorization: Option<HeaderValue>,
}

impl Connector {
    /// Returns what connects to the origin of `base_url`. A connection fails that takes
    /// longer than `timeout`; `None` stands for ten seconds.
    ///
    /// # Errors
    ///
    /// Fails as [`Endpoint::new`](crate::Endpoint::new) does.
    pub async fn new(
        base_url: &BaseUrl,
        allow_http: bool,
        timeout: Option<Duration>,
    ) -> Result<Self, HttpError> {
        let Egress { tls: config, proxy } = Egress::to(base_url, allow_http).await?;
        let url = base_url.expose();
        let connector = TlsConnector::from(Arc::new(config));
        let tls = Tls::to(url, &connector)?;
        let route = match &proxy {
            None => Route::Direct,
            Some(proxy) => Route::through(proxy.url(), tls.is_some(), &connector)?,
        };
        Ok(Self {
            displayed: base_url.to_string(),
            origin: origin(url)?,
            tls,
            route,
            proxy,
            timeout: timeout.unwrap_or(CONNECT),
        })
    }

    /// Returns the header that a proxy wants on each request, with the origin that is to
    /// precede each path; `None` if requests are sent as to the origin itself.
    pub fn forwarded(&self) -> Option<(&Uri, Option<&HeaderValue>)> {
        match &self.route {
            Route::Forward(proxy) => Some((&self.origin, proxy.authorization.as_ref())),
            _ => None,
        }
    }

    /// Opens a connection.
    ///
    /// # Errors
    ///
    /// Fails with the [`HttpError`] that says why there is none.
    pub async fn connect(&self) -> Result<Connection, HttpError> {
        let proxy = self.proxy.as_ref();
        match tokio::time::timeout(self.timeout, self.open()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => {
                Err(cause_of(Phase::Connecting, Some(&*error), self.displayed.clone(), proxy))
            }
            Err(_) => Err(cause_of(Phase::LateToConnect, None, self.displayed.clone(), proxy)),
        }
    }

    /// Returns why a request on a connection got no answer.
    pub fn failed(&self, error: &(dyn Error + 'static)) -> HttpError {
        cause_of(Phase::Asking, Some(error), self.displayed.clone(), self.proxy.as_ref())
    }

    /// Returns the error of a server that was silent for too long.
    pub fn late(&self) -> HttpError {
        HttpError::Timeout { url: self.displayed.clone() }
    }

    async fn open(&self) -> Result<Connection, BoxError> {
        let origin = self.origin.clone();
        let stream: Connection = match &self.route {
            Route::Direct => Box::new(tcp().oneshot(origin).await?),
            Route::Forward(proxy) => proxy.connect().await?,
            Route::Tunnel(proxy) => {
                let connect = {
                    let proxy = Arc::clone(proxy);
                    move |_: Uri| {
                        let proxy = Arc::clone(&proxy);
                        async move { proxy.connect().await }
                    }
                };
                let mut tunnel = Tunnel::new(proxy.uri.clone(), tower::service_fn(connect));
                if let Some(value) = &proxy.authorization {
                    tunnel = tunnel.with_auth(value.clone());
                }
                tunnel.oneshot(origin).await?
            }
            Route::Socks4(proxy) => {
                Box::new(SocksV4::new(proxy.clone(), tcp()).oneshot(origin).await?)
            }
            Route::Socks5(proxy, user) => {
                let mut socks = SocksV5::new(proxy.clone(), tcp());
                if let Some((user, password)) = user {
                    socks = socks.with_auth(user.expose().into(), password.expose().into());
                }
                Box::new(socks.oneshot(origin).await?)
            }
        };
        match &self.tls {
            Some(tls) => tls.encrypted(stream).await,
            None => Ok(stream),
        }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("base", &self.displayed).finish_non_exhaustive()
    }
}

impl Tls {
    /// Returns how a connection to the host of `url` is encrypted; `None` if it is not.
    fn to(url: &Url, connector: &TlsConnector) -> Result<Option<Self>, HttpError> {
        if url.scheme() != "https" {
            return Ok(None);
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let host = ServerName::try_from(host).map_err(|_| no_host())?;
        Ok(Some(Self { connector: connector.clone(), host }))
    }

    async fn encrypted(&self, stream: Connection) -> Result<Connection, BoxError> {
        let stream = self.connector.connect(self.host.clone(), TokioIo::new(stream)).await?;
        Ok(Box::new(TokioIo::new(stream)))
    }
}

impl Route {
    /// Returns the route through the proxy at `url`. What is encrypted for the origin needs a
    /// tunnel.
    fn through(url: &Url, encrypted: bool, tls: &TlsConnector) -> Result<Self, HttpError> {
        let uri = origin(url)?;
        let user = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let decoded = |text| Secret::from(&*percent_decode_str(text).decode_utf8_lossy());
            (decoded(url.username()), decoded(url.password().unwrap_or_default()))
        });
        Ok(match url.scheme() {
            "socks4" | "socks4a" => Self::Socks4(uri),
            "socks5" | "socks5h" => Self::Socks5(uri, user),
            _ => {
                let authorization = user.map(|(user, password)| basic(&user, &password));
                let proxy = HttpProxy { uri, tls: Tls::to(url, tls)?, authorization };
                if encrypted { Self::Tunnel(proxy.into()) } else { Self::Forward(proxy.into()) }
            }
        })
    }
}

impl HttpProxy {
    async fn connect(&self) -> Result<Connection, BoxError> {
        let stream = Box::new(tcp().oneshot(self.uri.clone()).await?);
        match &self.tls {
            Some(tls) => tls.encrypted(stream).await,
            None => Ok(stream),
        }
    }
}

/// Connects to the host of a URI, whatever its scheme says is spoken there.
fn tcp() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector
}

/// Returns the scheme, host and port of `url`.
fn origin(url: &Url) -> Result<Uri, HttpError> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(SOCKS_PORT);
    let origin = Uri::builder().scheme(url.scheme()).authority(format!("{host}:{port}"));
    origin.path_and_query("/").build().map_err(|_| no_host())
}

fn no_host() -> HttpError {
    HttpError::Setup("its host is not one that can be connected to".to_owned())
}
