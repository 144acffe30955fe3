//! Waits on this machine for the browser to come back (RFC 8252).
//!
//! Any program and any web page can send something to a port of this machine. So only a
//! request to the right path, with the state of this sign-in, ends the wait. Everything else
//! gets an answer that says nothing, and costs a bounded amount of time and memory.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use orchestration_support::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use zeroize::Zeroizing;

use super::answer::Answer;
use super::answer_page::{self, Shown};
use super::page::PATH;

/// The most bytes of a request, and the longest that it may take.
const MAX_REQUEST: usize = 16 << 10;
const REQUEST_TIME: Duration = Duration::from_secs(5);

/// How often a free port is looked for.
const ATTEMPTS: usize = 10;

/// The ports of one sign-in, on both loopback addresses where the machine has both.
pub(super) struct Listener {
    first: TcpListener,
    second: Option<TcpListener>,
}

impl Listener {
    /// Listens on `port`, or on a free one.
    ///
    /// # Errors
    ///
    /// Fails with the error of the system, e.g. if the port is in use.
    pub(super) async fn on(port: Option<u16>) -> io::Result<Self> {
        let mut bound = Self::bind(port).await;
        for _ in 1..ATTEMPTS {
            match &bound {
                Err(error) if port.is_none() && error.kind() == io::ErrorKind::AddrInUse => {}
                _ => break,
            }
            bound = Self::bind(port).await;
        }
        bound
    }

    async fn bind(port: Option<u16>) -> io::Result<Self> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
        let port = first.local_addr()?.port();
        // A browser may know "localhost" by this address only. If a stranger has the port
        // there, the answer would go to them.
        let second = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            // Not every machine has that address.
            bound => bound.ok(),
        };
        Ok(Self { first, second })
    }

    /// Returns the port.
    pub(super) fn port(&self) -> io::Result<u16> {
        self.first.local_addr().map(|address| address.port())
    }

    /// Waits for the answer with this `state`. The profile's name is for the page that the
    /// browser shows.
    ///
    /// # Errors
    ///
    /// Fails with the error of the system if nothing can be accepted any more.
    pub(super) async fn answer(&self, state: &Secret, profile: &str) -> io::Result<Answer> {
        loop {
            let (stream, from) = self.accept().await?;
            if !from.ip().is_loopback() {
                continue;
            }
            // A browser may open a second connection and send nothing on it.
            let answered = tokio::time::timeout(REQUEST_TIME, answered(stream, state, profile));
            if let Ok(Ok(Some(answer))) = answered.await {
                return Ok(answer);
            }
        }
    }

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        match &self.second {
            None => self.first.accept().await,
            Some(second) => tokio::select! {
                accepted = self.first.accept() => accepted,
                accepted = second.accept() => accepted,
            },
        }
    }
}

/// Answers one request; something if it is the answer of the page.
async fn answered(
    mut stream: TcpStream,
    state: &Secret,
    profile: &str,
) -> io::Result<Option<Answer>> {
    let Some(target) = target(&mut stream).await? else {
        stream.write_all(answer_page::NOT_FOUND).await?;
        return Ok(None);
    };
    let Some(answer) = answer_in(&target, state) else {
        stream.write_all(answer_page::NOT_FOUND).await?;
        return Ok(None);
    };
    let shown = match &answer {
        Answer::Code(_) => Shown::SignedIn { profile },
        Answer::Refused(words) => Shown::Refused { profile, words },
    };
    // The user is signed in even if the browser does not wait for this.
    let _ = stream.write_all(answer_page::response(&shown).as_bytes()).await;
    let _ = stream.shutdown().await;
    Ok(Some(answer))
}

/// Reads a request, and returns its target; `None` if it is not a GET for a path.
async fn target(stream: &mut TcpStream) -> io::Result<Option<Zeroizing<String>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_REQUEST));
    loop {
        if bytes.len() == MAX_REQUEST || stream.read_buf(&mut *bytes).await? == 0 {
            return Ok(None);
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes) {
            Ok(httparse::Status::Partial) => {}
            Ok(httparse::Status::Complete(_)) => {
                let path = request.path.filter(|path| path.starts_with('/'));
                let path = path.filter(|_| request.method == Some("GET"));
                return Ok(path.map(|path| Zeroizing::new(path.to_owned())));
            }
            Err(_) => return Ok(None),
        }
    }
}

/// Returns what the target of a request says, if it is the answer with this state.
fn answer_in(target: &str, state: &Secret) -> Option<Answer> {
    let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
    if url.path() != PATH {
        return None;
    }
    Answer::in_query(url.query()?, state).ok()
}

#[cfg(test)]
mod tests {
    use super::{Answer, Secret, answer_in};

    #[test]
    fn only_the_answer_with_this_state_ends_the_wait() {
        let state = Secret::from("right");
        let code = |target| match answer_in(target, &state) {
            Some(Answer::Code(code)) => Some(code.expose().to_owned()),
            _ => None,
        };
        assert_eq!(code("/callback?code=a%2Bb&state=right").as_deref(), Some("a+b"));
        assert_eq!(code("/callback?state=right&iss=x&code=a").as_deref(), Some("a"));
        for target in [
            "/callback",
            "/callback?code=a",
            "/callback?code=a&state=wrong",
            "/callback?state=right",
            "/callback?code=&state=right",
            "/callback?code=a&state=right&state=wrong",
            "/callback?code=a&code=b&state=right",
            "/callback?code=a&error=b&state=right",
            "/Callback?code=a&state=right",
            "/callback/?code=a&state=right",
            "/?code=a&state=right",
            "//evil.example/callback?code=a&state=wrong",
            "/callback#code=a&state=right",
        ] {
            assert!(answer_in(target, &state).is_none(), "{target}");
        }
    }

    #[test]
    fn a_refusal_is_shown_in_the_words_of_the_server() {
        let target = "/callback?error=access_denied&error_description=no%1b%5B2J&state=right";
        let words = match answer_in(target, &Secret::from("right")) {
            Some(Answer::Refused(words)) => Some(words),
            Some(Answer::Code(_)) | None => None,
        };
        assert!(words.is_some_and(|words| {
            words.starts_with("access_denied: no") && !words.contains('\u{1b}')
        }));
    }
}
