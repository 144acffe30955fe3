//! An HTTP server on this machine of which a test decides every byte.
//!
//! It is no stand-in for the product's client, which does not know that it talks
//! to a test: it is what a provider may be, good or bad.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    /// The first line, e.g. `POST /v1/chat/completions HTTP/1.1`.
    pub line: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// The value of a header; none where it is not there.
    ///
    /// # Panics
    ///
    /// Where it is there more than once, which is never meant.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice: {self:#?}");
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

/// The server. Each connection has a thread of its own and one request, and is
/// closed after the answer.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

/// What writes the answer to a request.
type Answer = dyn Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync;

/// What turns a connection into what is read and written, e.g. by TLS.
type Wrap = dyn Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync;

/// Both directions of a connection.
pub trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

impl Server {
    /// A server that writes `answer` to every request.
    pub fn new(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::with(move |_, stream| stream.write_all(&answer))
    }

    /// A server that lets `answer` write.
    pub fn with(
        answer: impl Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::start("http", Arc::new(|stream| Ok(Box::new(stream))), Arc::new(answer))
    }

    /// A server that speaks TLS, with a certificate that its own authority
    /// signed, and the certificate of that in PEM.
    pub fn with_tls(answer: impl Into<Vec<u8>>) -> (Self, String) {
        let (config, authority) = tls(&["127.0.0.1", "localhost"]);
        let answer = answer.into();
        let server = Self::start(
            "https",
            Arc::new(move |stream| with_tls(&config, stream)),
            Arc::new(move |_: &Request, stream: &mut dyn Write| stream.write_all(&answer)),
        );
        (server, authority)
    }

    /// A proxy that stands for the whole internet: whichever of `hosts` is asked
    /// for through it, `answer` answers, with a certificate for that host. And the
    /// certificate of the authority that signed it, in PEM.
    pub fn internet(
        hosts: &[&str],
        answer: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> (Self, String) {
        let (config, authority) = tls(hosts);
        let wrap = move |mut stream: TcpStream| -> io::Result<Box<dyn Stream>> {
            // Byte by byte: what comes behind the head is not for the proxy.
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte)?;
                head.extend(byte);
            }
            assert!(head.starts_with(b"CONNECT "), "{}", String::from_utf8_lossy(&head));
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
            with_tls(&config, stream)
        };
        let answer = move |request: &Request, stream: &mut dyn Write| {
            stream.write_all(answer(request).as_bytes())
        };
        (Self::start("http", Arc::new(wrap), Arc::new(answer)), authority)
    }

    fn start(scheme: &'static str, wrap: Arc<Wrap>, answer: Arc<Answer>) -> Self {
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
                let (wrap, answer) = (Arc::clone(&wrap), Arc::clone(&answer));
                let requests = Arc::clone(&requests);
                // A client may go away at any time; that is its business.
                thread::spawn(move || serve(stream, &*wrap, &*answer, &requests));
            }
        });
        server
    }

    /// The base URL, as a profile has it.
    pub fn url(&self) -> String {
        format!("{}://{}/v1", self.scheme, self.address)
    }

    /// The host and the port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The one request that there was.
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

/// An address on this machine that refuses connections for as long as this lives:
/// the port of a client. One that was merely free a moment ago could be the server
/// of another test by now.
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
        Self { client: client.expect("it listens"), _server: server }
    }

    /// The host and the port.
    pub fn host(&self) -> String {
        self.client.local_addr().expect("a connection has an address").to_string()
    }
}

fn serve(
    stream: TcpStream,
    wrap: &Wrap,
    answer: &Answer,
    requests: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    // Every write is a packet of its own, so that a client may see it alone.
    stream.set_nodelay(true)?;
    let mut stream = wrap(stream)?;
    let request = Request::read(&mut *stream)?;
    requests.lock().unwrap().push(request.clone());
    answer(&request, &mut *stream)?;
    stream.flush()
}

fn with_tls(config: &Arc<rustls::ServerConfig>, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
    let connection = rustls::ServerConnection::new(Arc::clone(config));
    Ok(Box::new(rustls::StreamOwned::new(connection.map_err(io::Error::other)?, stream)))
}

/// A certificate for these hosts, and that of the authority that signed it.
fn tls(hosts: &[&str]) -> (Arc<rustls::ServerConfig>, String) {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().expect("a key can be made");
    let authority = parameters.self_signed(&key).expect("a certificate can be signed");
    let issuer = rcgen::Issuer::new(parameters, key);

    let names: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let parameters = rcgen::CertificateParams::new(names).expect("these are names");
    let key = rcgen::KeyPair::generate().expect("a key can be made");
    let certificate = parameters.signed_by(&key, &issuer).expect("a certificate can be signed");

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows the versions of TLS")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .expect("the key belongs to the certificate");
    (Arc::new(config), authority.pem())
}

/// The head of an answer that is a stream of events.
pub const EVENTS: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// An answer of this status with this body.
pub fn status(status: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// An event with a delta of the assistant's turn, in JSON.
pub fn delta(delta: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]}}\n\n")
}

/// The events that end an answer.
pub fn end(reason: &str) -> String {
    format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n\
         data: [DONE]\n\n"
    )
}

/// A whole answer that says these pieces of text.
pub fn says(pieces: &[&str]) -> String {
    let content = |piece| delta(&serde_json::json!({ "content": piece }).to_string());
    let pieces: String = pieces.iter().map(content).collect();
    format!("{EVENTS}{pieces}{}", end("stop"))
}
