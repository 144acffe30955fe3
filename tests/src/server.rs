//! An HTTP server on this machine whose every byte a test controls.
//!
//! It plays a provider, good or bad. The product's client is the real one, and does not
//! know that it talks to a test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::socks;

/// A request as the server received it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The first line, e.g. `POST /v1/chat/completions HTTP/1.1`.
    pub line: String,
    /// The headers in order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// Returns the value of a header, or `None` if the request does not have it.
    ///
    /// # Panics
    ///
    /// Panics if the request has the header more than once, which is always a mistake.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} occurs twice: {self:#?}");
        value
    }

    fn read(stream: &mut dyn Read) -> io::Result<Self> {
        let mut stream = BufReader::new(stream);
        let mut read_line = || -> io::Result<String> {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            Ok(line.trim_end_matches(['\r', '\n']).to_owned())
        };
        let line = read_line()?;
        let mut headers = Vec::new();
        loop {
            let header = read_line()?;
            let Some((name, value)) = header.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim_start().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let body = String::from_utf8(body).expect("the product sends Unicode");
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Self { line, headers, body })
    }
}

/// A running server. Each connection has its own thread, serves one request, and is
/// closed after the response.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

/// Writes the response to a request.
type Respond = dyn Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync;

/// Wraps a connection, e.g. in TLS.
type Wrap = dyn Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync;

/// A connection that can be read and written.
pub trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

impl Server {
    /// Starts a server that responds to every request with `response`.
    pub fn new(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::with(move |_, stream| stream.write_all(&response))
    }

    /// Starts a server that responds by calling `respond`.
    pub fn with(
        respond: impl Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::start("http", Arc::new(|stream| Ok(Box::new(stream))), Arc::new(respond))
    }

    /// Starts a server with TLS, whose certificate is signed by its own authority.
    /// Returns the authority's certificate in PEM too.
    pub fn with_tls(response: impl Into<Vec<u8>>) -> (Self, String) {
        let response = response.into();
        Self::with_tls_by(move |_, stream| stream.write_all(&response))
    }

    /// Starts a server with TLS that responds by calling `respond`. Returns the certificate
    /// of its authority in PEM too.
    pub fn with_tls_by(
        respond: impl Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> (Self, String) {
        let (config, authority) = tls(&["127.0.0.1", "localhost"]);
        let wrap = Arc::new(move |stream| with_tls(&config, stream));
        (Self::start("https", wrap, Arc::new(respond)), authority)
    }

    /// Starts a proxy that plays the whole internet: for each of `hosts` it has a
    /// certificate and responds with the result of `respond`. Returns the certificate of
    /// its authority in PEM too.
    pub fn internet(
        hosts: &[&str],
        respond: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> (Self, String) {
        Self::proxy(hosts, tunnel, respond)
    }

    /// Starts a proxy as [`internet`](Self::internet) does, which speaks SOCKS 5 and looks
    /// up names itself.
    pub fn socks_internet(
        hosts: &[&str],
        respond: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> (Self, String) {
        Self::proxy(hosts, socks::accept, respond)
    }

    fn proxy(
        hosts: &[&str],
        connect: fn(&mut TcpStream) -> io::Result<()>,
        respond: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> (Self, String) {
        let (config, authority) = tls(hosts);
        let wrap = move |mut stream: TcpStream| -> io::Result<Box<dyn Stream>> {
            connect(&mut stream)?;
            with_tls(&config, stream)
        };
        let respond = move |request: &Request, stream: &mut dyn Write| {
            stream.write_all(respond(request).as_bytes())
        };
        (Self::start("http", Arc::new(wrap), Arc::new(respond)), authority)
    }

    fn start(scheme: &'static str, wrap: Arc<Wrap>, respond: Arc<Respond>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let server = Self { address, scheme, requests, stopped };
        let (requests, stopped) = (Arc::clone(&server.requests), Arc::clone(&server.stopped));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let (wrap, respond) = (Arc::clone(&wrap), Arc::clone(&respond));
                let requests = Arc::clone(&requests);
                // Errors are ignored, because a client may disconnect at any time.
                thread::spawn(move || serve(stream, &*wrap, &*respond, &requests));
            }
        });
        server
    }

    /// Returns the base URL for a profile.
    pub fn url(&self) -> String {
        format!("{}://{}/v1", self.scheme, self.address)
    }

    /// Returns the host and the port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the only request so far.
    ///
    /// # Panics
    ///
    /// Panics if there was none or more than one.
    #[track_caller]
    pub fn request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests.remove(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

/// An address on this machine that refuses connections until this is dropped: the port
/// of a client. A port that was merely free a moment ago could be used by the server of
/// another test by now.
#[derive(Debug)]
pub struct Refusing {
    client: TcpStream,
    _server: TcpListener,
}

impl Refusing {
    /// An address that no one else is given.
    pub fn start() -> Self {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let client = server.local_addr().and_then(TcpStream::connect);
        Self { client: client.expect("the server accepts a connection"), _server: server }
    }

    /// Returns the host and the port.
    pub fn host(&self) -> String {
        self.client.local_addr().expect("a connection has an address").to_string()
    }
}

fn serve(
    stream: TcpStream,
    wrap: &Wrap,
    respond: &Respond,
    requests: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    // Send each write as its own packet, so that a client may receive it separately.
    stream.set_nodelay(true)?;
    let mut stream = wrap(stream)?;
    let request = Request::read(&mut *stream)?;
    requests.lock().unwrap().push(request.clone());
    let mut response = Closing { stream: &mut *stream, line: Vec::new(), begun: false };
    respond(&request, &mut response)?;
    response.flush()
}

/// A response that says in its head that the server closes the connection. Otherwise the
/// client might send its next request on a connection that is just being closed.
struct Closing<'a> {
    stream: &'a mut dyn Stream,
    /// What was written of the status line so far.
    line: Vec<u8>,
    begun: bool,
}

impl Closing<'_> {
    /// Writes the status line, or what there is of it.
    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        let end = self.line.windows(2).position(|two| two == b"\r\n");
        if let Some(end) = end.filter(|_| !self.line.starts_with(b"HTTP/1.1 1")) {
            self.line.splice(end..end, *b"\r\nconnection: close");
        }
        self.stream.write_all(&std::mem::take(&mut self.line))
    }
}

impl Write for Closing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun {
            return self.stream.write(bytes);
        }
        self.line.extend(bytes);
        if self.line.windows(2).any(|two| two == b"\r\n")
            || !b"HTTP/".starts_with(&self.line[..self.line.len().min(5)])
        {
            self.begin()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // What is flushed before its first byte has no head yet that could say it.
        if !self.begun && !self.line.is_empty() {
            self.begin()?;
        }
        self.stream.flush()
    }
}

/// Answers the request for a tunnel.
fn tunnel(stream: &mut TcpStream) -> io::Result<()> {
    // Byte by byte, because what follows the head is not for the proxy.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    assert!(head.starts_with(b"CONNECT "), "{}", String::from_utf8_lossy(&head));
    stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")
}

fn with_tls(config: &Arc<rustls::ServerConfig>, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
    let connection = rustls::ServerConnection::new(Arc::clone(config));
    Ok(Box::new(rustls::StreamOwned::new(connection.map_err(io::Error::other)?, stream)))
}

/// Returns the settings of a server with a certificate for `hosts`, and the certificate
/// of the authority that signed it in PEM.
fn tls(hosts: &[&str]) -> (Arc<rustls::ServerConfig>, String) {
    let (certificate, key, authority) = signed(hosts);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports these versions of TLS")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .expect("the key matches the certificate");
    (Arc::new(config), authority)
}

/// A certificate, its key, and the certificate of the authority that signed it, all in PEM.
#[derive(Debug)]
pub struct Certificate {
    /// The certificate.
    pub pem: String,
    /// Its private key.
    pub key: String,
    /// The certificate of the authority, which has signed no other.
    pub authority: String,
}

impl Certificate {
    /// Returns one for `hosts`.
    pub fn signed(hosts: &[&str]) -> Self {
        let (certificate, key, authority) = signed(hosts);
        Self { pem: certificate.pem(), key: key.serialize_pem(), authority }
    }
}

fn signed(hosts: &[&str]) -> (rcgen::Certificate, rcgen::KeyPair, String) {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    // Where both have one name, a certificate looks as if it had signed itself.
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "authority of a test");
    let key = rcgen::KeyPair::generate().expect("a key can be generated");
    let authority = parameters.self_signed(&key).expect("a certificate can be signed");
    let issuer = rcgen::Issuer::new(parameters, key);

    let names: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let parameters = rcgen::CertificateParams::new(names).expect("the hosts are valid names");
    let key = rcgen::KeyPair::generate().expect("a key can be generated");
    let certificate = parameters.signed_by(&key, &issuer).expect("a certificate can be signed");
    (certificate, key, authority.pem())
}

/// The head of a response that is a stream of events.
pub const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// Returns a response with this status, headers and body.
pub fn status(status: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// Returns an event with a delta of the assistant's message, in JSON.
pub fn delta(delta: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]}}\n\n")
}

/// Returns the events that end a response.
pub fn end(reason: &str) -> String {
    format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n\
         data: [DONE]\n\n"
    )
}

/// Returns a complete response with these pieces of text.
pub fn says(pieces: &[&str]) -> String {
    let content = |piece| delta(&serde_json::json!({ "content": piece }).to_string());
    let pieces: String = pieces.iter().map(content).collect();
    format!("{EVENTS}{pieces}{}", end("stop"))
}
