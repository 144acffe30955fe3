//! Waits on this machine for the browser to come back (RFC 8252).
//!
//! Any program and any web page can send something to a port of this machine. So only a
//! request to the right path, with the state of this sign-in, ends the wait. Everything else
//! gets an answer that says nothing, and costs a bounded amount of time and memory.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use orchestration_support::{Secret, redact};
use ring::digest::{SHA256, digest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use zeroize::Zeroizing;

use super::answer_page::{self, Shown};

/// The path that the page leads back to.
pub(super) const PATH: &str = "/callback";

/// The most bytes of a request, and the longest that it may take.
const MAX_REQUEST: usize = 16 << 10;
const REQUEST_TIME: Duration = Duration::from_secs(5);

/// The most bytes that are shown of a server's words.
const MAX_WORDS: usize = 512;

/// The ports of one sign-in, on both loopback addresses where the machine has both.
pub(super) struct Listener {
    first: TcpListener,
    second: Option<TcpListener>,
}

/// What a page answered.
pub(super) enum Answer {
    /// A code.
    Code(Secret),
    /// The user or the server refused, in these words, sanitized.
    Refused(String),
}

impl Listener {
    /// Listens on `port`, or on a free one.
    ///
    /// # Errors
    ///
    /// Fails with the error of the system, e.g. if the port is in use.
    pub(super) async fn on(port: Option<u16>) -> io::Result<Self> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
        let port = first.local_addr()?.port();
        // A browser may know "localhost" by this address only.
        let second = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
        Ok(Self { first, second })
    }

    /// Returns the address that the page leads back to.
    pub(super) fn redirect_uri(&self) -> io::Result<String> {
        Ok(format!("http://127.0.0.1:{}{PATH}", self.first.local_addr()?.port()))
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
    let value = |wanted: &str| {
        let mut values = url.query_pairs().filter(|(name, _)| name == wanted);
        // Twice the same name could mean one thing here and another elsewhere.
        values.next().map(|(_, value)| value).filter(|_| values.next().is_none())
    };
    // By their digests, so that the time says nothing about how much of it was guessed.
    let of = |text: &str| digest(&SHA256, text.as_bytes());
    let expected = of(state.expose());
    let is_same =
        value("state").is_some_and(|answered| of(&answered).as_ref() == expected.as_ref());
    if !is_same {
        return None;
    }
    match (value("code").filter(|code| !code.is_empty()), value("error")) {
        (Some(code), None) => Some(Answer::Code(Secret::from(&*code))),
        (None, error) => {
            let words = [error, value("error_description")].into_iter().flatten();
            let words = words.collect::<Vec<_>>().join(": ");
            Some(Answer::Refused(redact::sanitize(redact::head(&words, MAX_WORDS), [])))
        }
        (Some(_), Some(_)) => None,
    }
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
            "/callback?code=a&state=right&state=wrong",
            "/callback?code=a&code=b&state=right",
            "/callback?code=a&error=b&state=right",
            "/Callback?code=a&state=right",
            "/callback/?code=a&state=right",
            "/?code=a&state=right",
            "//evil.example/callback?code=a&state=wrong",
            "/callback#code=a&state=right",
        ] {
            assert_eq!(code(target), None, "{target}");
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
